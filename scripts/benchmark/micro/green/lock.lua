-- GreenLock hand-off: 10 workers, of which one holds the lock and nine queue for it.
-- The first holder yields once while it holds, so that the others queue up; from then on every release hands over.
-- Counted are real changes of owner, so a lock that lets its releaser barge in again gains nothing here.
local green = require "green"

local function run(rounds)
  local lock, owner, handoffs = GreenLock(), nil, 0
  local function work(me)
    for round = 1, rounds do
      lock:acquire()
      if round == 1 then green.sleep(0) end
      if owner ~= me then
        owner, handoffs = me, handoffs + 1
      end
      lock:release()
    end
  end
  local futures = {}
  for i = 1, 10 do futures[i] = green.spawn(work, i) end
  for i = 1, 10 do wait(futures[i]) end
  return handoffs
end

run(1000)
local start = os.clock()
local handoffs = run(20000)
print(handoffs, os.clock() - start)
