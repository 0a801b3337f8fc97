-- Hostile: a comparator that never returns.
-- Ends with: limit
local green = require "green"
table.sort({ 3, 1, 2 }, function() while true do end end)
