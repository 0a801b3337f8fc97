-- Coroutines that a script makes itself: a generator by wrap, a pair that talk by resume and yield, short-lived ones.
local function count_to(n)
  return coroutine.wrap(function()
    for i = 1, n do coroutine.yield(i) end
  end)
end

local start = os.clock()
local sum = 0
for i in count_to(2000000) do sum = sum + i end
local echo = coroutine.create(function(value)
  while true do value = coroutine.yield(value + 1) end
end)
for i = 1, 2000000 do
  local _, value = coroutine.resume(echo, i)
  sum = sum + value
end
for i = 1, 200000 do
  for value in count_to(2) do sum = sum + value + i end
end
assert(sum > 4e12)
print(1, os.clock() - start)
