-- Hostile: a reader function that never ends, of bytecode.
-- Ends with: error
local green = require "green"
assert(load(function() return "\27Lua" end))
