-- Hostile: greens that never end.
-- Ends with: limit
local green = require "green"
for i = 1, 2 do green.spawn(function() while true do end end) end
while true do end
