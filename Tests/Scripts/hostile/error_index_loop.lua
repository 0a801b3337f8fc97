-- Hostile: an error object in which every field is an endless loop.
-- Ends with: error
local green = require "green"
error(setmetatable({}, { __index = function() while true do end end }))
