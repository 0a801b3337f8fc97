-- Hostile: an endless loop.
-- Ends with: limit
local green = require "green"
while true do end
