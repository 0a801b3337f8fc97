-- Hostile: a reader function that never returns.
-- Ends with: limit
local green = require "green"
while true do load(function() while true do end end) end
