-- Hostile: an error object whose __tostring raises.
-- Ends with: error
local green = require "green"
error(setmetatable({}, { __tostring = function() error("and again") end }))
