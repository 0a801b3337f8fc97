-- Hostile: a table of ever new strings.
-- Ends with: memory
local green = require "green"
local t = {} for i = 1, math.huge do t["key " .. i] = i end
