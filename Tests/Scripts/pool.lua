-- `GreenPool`: contract 1.3, its defects D1 to D5, and what the design adds.
local check = require "support.check"
local pools = require "support.pools"
local green = require "green"
local fact, main_fact = check.fact, check.main_fact
local counts, sleeper = pools.counts, pools.sleeper

fact("a pool has a hundred workers at most unless told otherwise", function()
  check.equal(GreenPool().max_workers, 100)
  check.equal(GreenPool(0).max_workers, 100)
  check.equal(GreenPool(nil).max_workers, 100)
  check.equal(GreenPool(7).max_workers, 7)
  check.equal(GreenPool({ queue = 1 }).max_workers, 100)
end)

fact("the constructor takes a thousand workers at most", function()
  check.equal(GreenPool(1000).max_workers, 1000)
  check.equal(GreenPool(1001).max_workers, 1000)
  check.equal(GreenPool(math.maxinteger).max_workers, 1000)
end)

fact("max_workers is set to a whole number from 1 up, and not clamped", function()
  local pool = GreenPool(2)
  pool.max_workers = 5000
  check.equal(pool.max_workers, 5000)
  for _, bad in ipairs { 0, -1, 1.5, "3", true, {} } do
    check.raises("max_workers must be a whole number from 1 up", function() pool.max_workers = bad end)
  end
  check.raises("max_workers must be a whole number", function() pool.max_workers = nil end)
  check.equal(pool.max_workers, 5000)
end)

fact("nothing else of a pool can be set", function()
  local pool = GreenPool(1)
  for _, field in ipairs { "workers", "idle", "queued", "closed", "in_green_worker" } do
    check.raises("only max_workers can be set", function() pool[field] = 1 end)
  end
  check.raises("cannot set field 'submit' of a GreenPool", function() pool.submit = print end)
  check.raises("cannot set field 'other' of a GreenPool", function() pool.other = 1 end)
end)

fact("arguments of the constructor are checked", function()
  check.raises("bad argument #1 to '.*GreenPool'", GreenPool, -1)
  check.raises("bad argument #1 to '.*GreenPool'", GreenPool, "many")
  check.raises("bad argument #2 to '.*GreenPool'", GreenPool, 1, 5)
  check.raises("queue must be a whole number", GreenPool, 1, { queue = -1 })
  check.raises("queue must be a whole number", GreenPool, 1, { queue = "long" })
  check.raises("unknown option 'que': expected queue", GreenPool, 1, { que = 1, queue = 1 })
  check.raises("unknown option '1': expected queue", GreenPool, { 7 })
end)

main_fact("a new pool has no workers; after one job it has one, idle", function()
  local pool = GreenPool()
  check.list(counts(pool), { 0, 0, 0 })
  local future = pool:submit(function() return "Hi!" end)
  check.list(counts(pool), { 1, 0, 0 })
  return function()
    check.equal(wait(future), "Hi!")
    check.list(counts(pool), { 1, 1, 0 })
  end
end)

main_fact("submit never runs the job inline, though it makes the worker at once", function()
  local pool, ran = GreenPool(), false
  local future = pool:submit(function() ran = true end)
  check.equal(ran, false)
  check.equal(future:done(), false)
  check.equal(pool.workers, 1)
  return function() check.equal(ran, true) end
end)

main_fact("in_green_worker is false outside, true inside of a job", function()
  local pool, other = GreenPool(), GreenPool()
  check.equal(pool.in_green_worker, false)
  local future = pool:submit(function() return pool.in_green_worker, other.in_green_worker end)
  return function()
    check.equal(pool.in_green_worker, false, "a green that is no worker")
    check.list(table.pack(wait(future)), { true, true })
  end
end)

fact("the job gets its arguments, and the future all results", function()
  local pool = GreenPool()
  local values = table.pack(wait(pool:submit(function(...) return select("#", ...), ... end, 1, nil, "x", nil)))
  check.list(values, { 4, 1, nil, "x", nil, n = 5 })
end)

fact("an error of the job reaches the waiter, and the worker survives", function()
  local pool = GreenPool(1)
  local value = {}
  check.equal(check.raises("table", wait, pool:submit(error, value)), value)
  check.list(counts(pool), { 1, 1, 0 })
  check.equal(wait(pool:submit(function() return "next" end)), "next")
  check.list(counts(pool), { 1, 1, 0 })
end)

fact("what cannot be called fails in the future, not at submit", function()
  local pool = GreenPool()
  for _, value in ipairs { 5, "text", {}, true } do
    check.raises("attempt to call a " .. type(value) .. " value", wait, pool:submit(value))
  end
  check.raises("attempt to call a nil value", wait, pool:submit(nil))
  check.equal(pool.idle, pool.workers)
  check.raises("bad argument #1 to '.*submit'", function() pool:submit() end)
end)

fact("a callable object is a job like any other", function()
  local object = setmetatable({}, { __call = function(self, x) return self, x end })
  local got, x = wait(GreenPool():submit(object, 5))
  check.equal(got, object)
  check.equal(x, 5)
end)

fact("a future that the job returns is waited for by the worker", function()
  local pool = GreenPool(1)
  local future = pool:submit(function() return green.spawn(sleeper(5, "late")) end)
  green.sleep(1)
  check.list(counts(pool), { 1, 0, 0 })
  check.equal(wait(future), "late")
  check.list(counts(pool), { 1, 1, 0 })
end)

fact("five jobs one after another need one worker, five at once five", function()
  local pool = GreenPool()
  for _ = 1, 5 do
    wait(pool:submit(sleeper(1)))
  end
  check.list(counts(pool), { 1, 1, 0 })
  local futures = {}
  for i = 1, 5 do
    futures[i] = pool:submit(sleeper(1, i))
  end
  check.list(counts(pool), { 5, 0, 0 })
  check.list(green.gather(futures), { 1, 2, 3, 4, 5 })
  check.list(counts(pool), { 5, 5, 0 })
end)

fact("jobs beyond the workers wait in line and start first in first out", function()
  local pool, order, futures = GreenPool(2), {}, {}
  for i = 0, 4 do
    futures[#futures + 1] = pool:submit(function()
      order[#order + 1] = "s" .. i
      green.sleep(1)
      order[#order + 1] = "e" .. i
    end)
  end
  check.list(counts(pool), { 2, 0, 3 })
  green.gather(futures)
  check.list(order, { "s0", "s1", "e0", "e1", "s2", "s3", "e2", "e3", "s4", "e4" })
  check.list(counts(pool), { 2, 2, 0 })
end)

fact("the worker is idle again before the waiter goes on", function()
  local pool = GreenPool(3)
  for _ = 1, 3 do
    wait(pool:submit(sleeper(0)))
    check.list(counts(pool), { 1, 1, 0 })
  end
end)

fact("five thousand jobs on a hundred workers all run, in order", function()
  local pool, next_start, futures = GreenPool(100), 1, {}
  for i = 1, 5000 do
    futures[i] = pool:submit(function()
      check.equal(i, next_start)
      next_start = next_start + 1
      green.sleep(0)
      return i
    end)
  end
  check.list(counts(pool), { 100, 0, 4900 })
  for i = 1, 5000 do
    check.equal(wait(futures[i]), i)
  end
  check.list(counts(pool), { 100, 100, 0 })
end)

fact("raising max_workers starts waiting jobs at once", function()
  local pool, futures = GreenPool(1), {}
  for i = 1, 5 do
    futures[i] = pool:submit(sleeper(10, i))
  end
  check.list(counts(pool), { 1, 0, 4 })
  pool.max_workers = 3
  check.list(counts(pool), { 3, 0, 2 })
  local start = green.now()
  check.list(green.gather(futures), { 1, 2, 3, 4, 5 })
  check.equal(green.now() - start, 20.0)
  check.equal(pool.workers, 3)
end)

fact("lowering max_workers ends no worker and makes no new one", function()
  local pool, futures = GreenPool(3), {}
  for i = 1, 6 do
    futures[i] = pool:submit(sleeper(1, i))
  end
  pool.max_workers = 1
  check.list(counts(pool), { 3, 0, 3 })
  check.list(green.gather(futures), { 1, 2, 3, 4, 5, 6 })
  check.list(counts(pool), { 3, 3, 0 })
end)

fact("a queue limit refuses what does not fit, and takes more once there is room", function()
  local pool = GreenPool(1, { queue = 2 })
  local futures = { pool:submit(sleeper(1)), pool:submit(sleeper(1)), pool:submit(sleeper(1)) }
  check.raises("queue is full %(2 jobs wait%)", function() pool:submit(sleeper(1)) end)
  check.list(counts(pool), { 1, 0, 2 })
  wait(futures[1])
  futures[4] = pool:submit(sleeper(1))
  green.gather(futures)
  check.list(counts(pool), { 1, 1, 0 })
end)

fact("a queue limit of zero takes only what can start", function()
  local pool = GreenPool(1, { queue = 0 })
  local future = pool:submit(sleeper(1))
  check.raises("queue is full %(0 jobs wait%)", function() pool:submit(print) end)
  wait(future)
  wait(pool:submit(function() end))
end)

fact("cancelled jobs do not count against the queue limit", function()
  local pool = GreenPool(1, { queue = 1 })
  local first, second = pool:submit(sleeper(1)), pool:submit(sleeper(1))
  check.equal(second:cancel(), true)
  local third = pool:submit(sleeper(1, "third"))
  check.raises("queue is full", function() pool:submit(print) end)
  check.equal(wait(third), "third")
  check.equal(first:done(), true)
end)

-- The defects of the original.

fact("D2: a saturated pool with a queue makes no turns of its own", function()
  local pool, gate, futures = GreenPool(2), green.Event(), {}
  for i = 1, 12 do
    futures[i] = pool:submit(function() gate:wait() end)
  end
  check.settle()
  check.list(counts(pool), { 2, 0, 10 })
  local before = harness:turns()
  green.sleep(3600 / 2)
  local turns = harness:turns() - before
  check.truthy(turns <= 2, "turns while it waits: " .. turns)
  gate:set()
  green.gather(futures)
end)

fact("D3: submits nested at any depth run", function()
  local pool = GreenPool(1)
  local function nest(depth)
    if depth == 0 then
      green.sleep(1)
      return "bottom"
    end
    return pool:submit(nest, depth - 1)
  end
  check.equal(wait(pool:submit(nest, 20), { timeout = 10 }), "bottom")
end)

fact("D3: others may submit while an inline submit is parked", function()
  local pool, order = GreenPool(2), {}
  local slow = pool:submit(function()
    pool:submit(function()
      green.sleep(5)
      order[#order + 1] = "inline"
    end)
  end)
  green.sleep(1)
  wait(pool:submit(function() order[#order + 1] = "other" end), { timeout = 1 })
  wait(slow, { timeout = 10 })
  check.list(order, { "other", "inline" })
end)

fact("D4: cancelling a running job's future gives its worker back", function()
  local pool = GreenPool(2)
  local future = pool:submit(sleeper(100))
  green.sleep(1)
  check.equal(future:cancel(), true)
  check.raises("cancelled", wait, future)
  check.list(counts(pool), { 1, 1, 0 })
  local futures = { pool:submit(sleeper(1, 1)), pool:submit(sleeper(1, 2)) }
  check.list(counts(pool), { 2, 0, 0 })
  check.list(green.gather(futures), { 1, 2 })
end)

fact("D5: submit from a run_in_greenlet green is an ordinary submit", function()
  local pool = GreenPool()
  local run = run_in_greenlet(function()
    local future = pool:submit(function()
      green.sleep(1)
      return "job"
    end)
    check.equal(type(future), "userdata")
    return (wait(future))
  end)
  check.equal(wait(run()), "job")
  -- The green that submitted has ended; its worker is as good as any other's.
  check.equal(wait(pool:submit(sleeper(1, "again"))), "again")
  check.list(counts(pool), { 1, 1, 0 })
end)

-- What nobody should be able to break.

fact("a queued job's future cannot be settled by the script", function()
  local pool = GreenPool(1)
  local first, second = pool:submit(sleeper(1)), pool:submit(sleeper(1, "own"))
  check.raises("cannot be settled", function() second:set_result("forged") end)
  check.raises("cannot be settled", function() second:set_error("forged") end)
  check.equal(pool.queued, 1)
  check.equal(wait(second), "own")
  check.raises("cannot be settled", function() pool:shutdown():set_result() end)
  check.equal(first:done(), true)
end)

fact("a collected pool gives its idle workers to the scheduler", function()
  local function burst()
    local pool, futures = GreenPool(), {}
    for i = 1, 20 do
      futures[i] = pool:submit(sleeper(1))
    end
    green.gather(futures)
  end
  burst()
  collectgarbage()
  collectgarbage()
  local workers = harness:workers()
  for _ = 1, 5 do
    burst()
    collectgarbage()
    collectgarbage()
  end
  check.equal(harness:workers(), workers)
end)

fact("a pool that is collected while its jobs run and wait still runs them all", function()
  local futures, done = {}, 0
  do
    local pool = GreenPool(2)
    for i = 1, 6 do
      futures[i] = pool:submit(function()
        green.sleep(1)
        done = done + 1
      end)
    end
  end
  check.settle()
  collectgarbage()
  collectgarbage()
  green.gather(futures)
  check.equal(done, 6)
end)

fact("a shut down pool's workers serve others", function()
  local pool = GreenPool()
  green.gather(pool:submit(sleeper(1)), pool:submit(sleeper(1)), pool:submit(sleeper(1)))
  wait(pool:shutdown())
  local workers = harness:workers()
  green.gather(green.spawn(sleeper(1)), green.spawn(sleeper(1)), green.spawn(sleeper(1)))
  check.equal(harness:workers(), workers)
end)

fact("a method called on something else names what it expected", function()
  check.raises("GreenPool expected, got table", GreenPool().submit, {}, print)
  check.raises("GreenPool expected, got no value", GreenPool().shutdown)
end)
