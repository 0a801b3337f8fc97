-- Hostile: a table that grows.
-- Ends with: memory
local green = require "green"
local t = {} for i = 1, math.huge do t[i] = { i } end
