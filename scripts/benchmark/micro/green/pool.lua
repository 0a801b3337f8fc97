-- A pool job: 5 000 jobs submitted at once to 100 workers, and waited for in order.
local pool = GreenPool(100)

local function job(n) return n end

local function run(batches)
  local futures = {}
  for _ = 1, batches do
    for i = 1, 5000 do futures[i] = pool:submit(job, i) end
    for i = 1, 5000 do assert(wait(futures[i]) == i) end
  end
end

run(2)
local start = os.clock()
run(20)
print(20 * 5000, os.clock() - start)
