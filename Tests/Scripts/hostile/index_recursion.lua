-- Hostile: __index that asks for itself until the stack is full.
-- Ends with: error
local green = require "green"
local t = setmetatable({}, { __index = function(t, k) return t[k .. "x"] .. "" end })
local _ = t.x
