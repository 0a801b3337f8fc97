-- Hostile: more jobs than a pool may have in line.
-- Ends with: error
local green = require "green"
local pool = GreenPool(1) while true do pool:submit(green.sleep, 0.01) end
