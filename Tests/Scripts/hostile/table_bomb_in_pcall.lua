-- Hostile: tables that grow until memory is out, swallowed for ever.
-- Ends with: limit
local green = require "green"
while true do
  pcall(function() local t = {} for i = 1, math.huge do t[i] = { i } end end)
end
