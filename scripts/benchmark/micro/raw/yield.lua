-- yield + resume with nothing around it: 100 coroutines resumed in turn by a loop.
local function take_turns(turns)
  for _ = 1, turns do coroutine.yield() end
end

local function run(count, turns)
  local coroutines = {}
  for i = 1, count do
    coroutines[i] = coroutine.create(take_turns)
    coroutine.resume(coroutines[i], turns)
  end
  local resume = coroutine.resume
  for _ = 1, turns do
    for i = 1, count do resume(coroutines[i]) end
  end
end

run(100, 1000)
local start = os.clock()
run(100, 10000)
print(100 * 10000, os.clock() - start)
