-- Hostile: greens that never end, one for each that is stopped.
-- Ends with: limit
local green = require "green"
for i = 1, 5 do green.spawn(function() while true do end end) end
while true do end
