-- yield + resume: 100 greens take turns. Prints units and the CPU seconds they took.
local green = require "green"

local function take_turns(turns)
  for _ = 1, turns do green.sleep(0) end
end

local function run(greens, turns)
  local futures = {}
  for i = 1, greens do futures[i] = green.spawn(take_turns, turns) end
  for i = 1, greens do wait(futures[i]) end
end

run(100, 1000)
local start = os.clock()
run(100, 10000)
print(100 * 10000, os.clock() - start)
