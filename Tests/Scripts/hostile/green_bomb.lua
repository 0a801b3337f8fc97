-- Hostile: more greens than the host allows.
-- Ends with: limit
local green = require "green"
while true do green.spawn(green.sleep, 1000) end
