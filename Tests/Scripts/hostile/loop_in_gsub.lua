-- Hostile: a replacement function that never returns.
-- Ends with: limit
local green = require "green";
("x"):gsub("x", function() while true do end end)
