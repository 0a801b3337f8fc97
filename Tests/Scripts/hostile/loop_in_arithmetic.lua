-- Hostile: arithmetic, comparison, concatenation and length that never return.
-- Ends with: limit
local green = require "green"
local function spin() while true do end end
local t = setmetatable({}, { __add = spin, __lt = spin, __concat = spin, __len = spin, __eq = spin })
pcall(function() return t + 1 end)
while true do pcall(function() return t < t end) pcall(function() return t .. "" end) pcall(function() return #t end) end
