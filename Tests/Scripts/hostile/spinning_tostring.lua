-- Hostile: an error object whose __tostring never returns.
-- Ends with: error
local green = require "green"
error(setmetatable({}, { __tostring = function() while true do end end }))
