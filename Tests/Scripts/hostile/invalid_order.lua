-- Hostile: comparators without an order, for ever.
-- Ends with: limit
local green = require "green"
while true do pcall(table.sort, { 1, 2, 3, 4, 5, 6, 7, 8 }, function() return true end) end
