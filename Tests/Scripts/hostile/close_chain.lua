-- Hostile: ten thousand coroutines, each of whose closers closes the one before.
-- Ends with: limit
local before
for _ = 1, 10000 do
  local inner = before
  before = coroutine.create(function()
    local x <close> = setmetatable({}, { __close = function() if inner then assert(coroutine.close(inner)) end end })
    coroutine.yield()
  end)
  coroutine.resume(before)
end
local ok, message = coroutine.close(before)
assert(not ok and tostring(message):find("C stack overflow", 1, true), message)
while true do end
