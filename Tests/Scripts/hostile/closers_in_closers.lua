-- Hostile: closers that open more of their kind.
-- Ends with: limit
local green = require "green"
local function open()
  local x <close> = setmetatable({}, { __close = function() while true do pcall(open) end end })
  error("on")
end
open()
