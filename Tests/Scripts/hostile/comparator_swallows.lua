-- Hostile: a comparator that swallows errors.
-- Ends with: limit
local green = require "green"
table.sort({ 3, 1, 2 }, function() while true do pcall(function() while true do end end) end end)
