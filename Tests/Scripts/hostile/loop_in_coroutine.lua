-- Hostile: an endless loop in a coroutine.
-- Ends with: limit
local green = require "green"
coroutine.wrap(function() while true do end end)()
