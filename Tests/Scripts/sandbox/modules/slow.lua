loads = (loads or 0) + 1
require "green".sleep(0.05)
return { loads = loads }
