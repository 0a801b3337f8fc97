-- Hostile: an iterator that never ends.
-- Ends with: limit
local green = require "green"
for _ in function() return 1 end do end
