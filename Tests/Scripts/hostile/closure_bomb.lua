-- Hostile: closures that hold each other.
-- Ends with: memory
local green = require "green"
local f = print while true do local g = f f = function() return g end end
