-- Hostile: __index that is its own table, through another: Lua itself counts.
-- Ends with: error
local green = require "green"
local a, b = {}, {}
setmetatable(a, { __index = b })
setmetatable(b, { __index = a })
local _ = a.x
