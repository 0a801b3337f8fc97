-- Hostile: table.concat of an endless list.
-- Ends with: limit
local green = require "green"
table.concat(setmetatable({}, { __index = function() return "x" end, __len = function() return math.maxinteger end }))
