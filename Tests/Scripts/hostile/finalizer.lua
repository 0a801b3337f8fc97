-- Hostile: a finalizer, in which nothing could stop it.
-- Ends with: error
local green = require "green"
setmetatable({}, { __gc = function() while true do end end }) collectgarbage()
