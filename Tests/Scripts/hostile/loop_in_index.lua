-- Hostile: __index that never returns.
-- Ends with: limit
local green = require "green"
local _ = setmetatable({}, { __index = function() while true do end end }).x
