-- Hostile: a chunk of bytecode.
-- Ends with: error
local green = require "green"
assert(load("\27Lua\x54\0\x19\x93\r\n\x1a\n"))
