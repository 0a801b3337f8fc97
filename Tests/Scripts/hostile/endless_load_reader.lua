-- Hostile: a reader function that never ends.
-- Ends with: memory
local green = require "green"
assert(load(function() return "x = 1 " end))
