-- Hostile: __index of an endless list.
-- Ends with: limit
local green = require "green"
for _ in ipairs(setmetatable({}, { __index = function() return 1 end })) do end
