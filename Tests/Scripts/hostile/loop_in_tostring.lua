-- Hostile: __tostring that never returns.
-- Ends with: limit
local green = require "green"
tostring(setmetatable({}, { __tostring = function() while true do end end }))
