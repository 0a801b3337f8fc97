-- Hostile: a string that doubles.
-- Ends with: memory
local green = require "green"
local s = "x" while true do s = s .. s end
