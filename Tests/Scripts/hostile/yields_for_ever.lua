-- Hostile: gives way itself, and computes for ever.
-- Ends with: limit
local green = require "green"
while true do green.sleep(0) for _ = 1, 10000 do end end
