-- Hostile: thousands of coroutines that wait for ever.
-- Ends with: memory
local green = require "green"
local all = {}
while true do
  local co = coroutine.create(function() coroutine.yield() end)
  coroutine.resume(co)
  all[#all + 1] = co
end
