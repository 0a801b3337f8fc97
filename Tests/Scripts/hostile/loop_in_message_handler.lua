-- Hostile: a message handler that never returns.
-- Ends with: limit
local green = require "green"
xpcall(error, function() while true do end end)
