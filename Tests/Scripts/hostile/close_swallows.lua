-- Hostile: coroutine.close that swallows, over closers that never return.
-- Ends with: limit
local green = require "green"
while true do
  local co = coroutine.create(function()
    local x <close> = setmetatable({}, { __close = function() while true do end end })
    coroutine.yield()
  end)
  coroutine.resume(co)
  pcall(coroutine.close, co)
end
