-- Hostile: debug.sethook, to be rid of the host's.
-- Ends with: error
local green = require "green"
debug.sethook()
