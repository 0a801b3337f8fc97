-- Hostile: coroutine.close in closers, in depth.
-- Ends with: error
local green = require "green"
local function nest(n)
  local co = coroutine.create(function()
    local x <close> = setmetatable({}, { __close = function() if n > 0 then nest(n - 1) end end })
    coroutine.yield()
  end)
  coroutine.resume(co)
  assert(coroutine.close(co))
end
nest(500)
