-- Hostile: a comparator that raises.
-- Ends with: error
local green = require "green"
table.sort({ 3, 1, 2 }, function() error("no order") end)
