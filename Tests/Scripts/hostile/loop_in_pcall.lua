-- Hostile: pcall in a loop swallows every error.
-- Ends with: limit
local green = require "green"
while true do pcall(function() while true do end end) end
