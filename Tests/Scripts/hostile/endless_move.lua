-- Hostile: table.move of an endless list.
-- Ends with: limit
local green = require "green"
table.move(setmetatable({}, { __index = function() return 1 end }), 1, 1 << 60, 1, setmetatable({}, { __newindex = function() end }))
