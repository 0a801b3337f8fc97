-- spawn to finished: greens that do nothing, spawned 100 at a time and waited for.
-- By the hundred, so that what is counted is a green's life and not the park of the one that waits.
local green = require "green"

local function nothing() end

local function run(batches)
  local futures = {}
  for _ = 1, batches do
    for i = 1, 100 do futures[i] = green.spawn(nothing) end
    for i = 1, 100 do wait(futures[i]) end
  end
end

run(200)
local start = os.clock()
run(2000)
print(2000 * 100, os.clock() - start)
