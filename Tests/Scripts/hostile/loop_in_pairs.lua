-- Hostile: __pairs that never ends.
-- Ends with: limit
local green = require "green"
for _ in pairs(setmetatable({}, { __pairs = function() return function() return 1 end end })) do end
