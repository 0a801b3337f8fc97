-- Hostile: a shield that never ends.
-- Ends with: timeout
local green = require "green"
green.shield(function() while true do pcall(green.sleep, 0.01) end end)
