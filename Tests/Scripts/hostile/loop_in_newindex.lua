-- Hostile: __newindex that never returns.
-- Ends with: limit
local green = require "green"
setmetatable({}, { __newindex = function() while true do end end }).x = 1
