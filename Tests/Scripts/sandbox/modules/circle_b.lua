local a = require "circle_a"
return a
