-- Hostile: __tostring that never returns, called by string.format.
-- Ends with: limit
local green = require "green"
string.format("%s", setmetatable({}, { __tostring = function() while true do end end }))
