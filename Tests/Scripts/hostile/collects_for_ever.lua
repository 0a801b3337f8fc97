-- Hostile: full collections in a loop.
-- Ends with: limit
local green = require "green"
while true do collectgarbage() end
