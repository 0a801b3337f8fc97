-- create + resume to the end of coroutines, 100 at a time as in green/spawn.lua, their collection included.
local function nothing() end

local function run(batches)
  local coroutines = {}
  for _ = 1, batches do
    for i = 1, 100 do coroutines[i] = coroutine.create(nothing) end
    for i = 1, 100 do coroutine.resume(coroutines[i]) end
  end
end

run(200)
local start = os.clock()
run(2000)
print(2000 * 100, os.clock() - start)
