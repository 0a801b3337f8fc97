-- The end of a `GreenPool`: contract 1.3, and its defect D1.
local check = require "support.check"
local pools = require "support.pools"
local green = require "green"
local fact = check.fact
local counts, sleeper = pools.counts, pools.sleeper

fact("shutdown lets running and waiting jobs end, then the workers go", function()
  local pool, done = GreenPool(2), 0
  for _ = 1, 5 do
    pool:submit(function()
      green.sleep(1)
      done = done + 1
    end)
  end
  local ended = pool:shutdown()
  check.equal(pool.closed, true)
  check.equal(ended:done(), false)
  check.list(counts(pool), { 2, 0, 3 })
  check.equal(select("#", wait(ended)), 0)
  check.equal(done, 5)
  check.list(counts(pool), { 0, 0, 0 })
end)

fact("the two-job example of the original holds", function()
  local pool = GreenPool()
  wait(pool:submit(function() end))
  check.list(counts(pool), { 1, 1, 0 })
  local a, b = pool:submit(sleeper(0, "a")), pool:submit(sleeper(0, "b"))
  check.list(counts(pool), { 2, 0, 0 })
  check.equal(wait(a), "a")
  check.equal(wait(b), "b")
  check.list(counts(pool), { 2, 2, 0 })
  check.equal(pool.closed, false)
  wait(pool:shutdown())
  check.equal(pool.closed, true)
  check.list(counts(pool), { 0, 0, 0 })
end)

fact("submit after shutdown raises at the call", function()
  local pool = GreenPool()
  pool:shutdown(false)
  check.raises("pool_shutdown.lua:%d+: cannot schedule new futures after shutdown", function() pool:submit(print) end)
end)

fact("submit after shutdown raises inside a worker, too", function()
  local pool, other = GreenPool(), GreenPool()
  pool:shutdown(false)
  check.raises("cannot schedule new futures after shutdown", wait, other:submit(function() pool:submit(print) end))
end)

fact("shutdown(false) gives nothing and does not wait", function()
  local pool = GreenPool()
  local future = pool:submit(sleeper(1, "x"))
  check.equal(select("#", pool:shutdown(false)), 0)
  check.equal(wait(future), "x")
  check.equal(pool.workers, 0)
end)

fact("D1: the shutdown of a pool that was never used completes", function()
  wait(GreenPool():shutdown(), { timeout = 1 })
end)

fact("D1: a second shutdown completes, while the first is under way and after it", function()
  local pool = GreenPool()
  pool:submit(sleeper(1))
  local first, second = pool:shutdown(), pool:shutdown()
  wait(first, { timeout = 2 })
  wait(second, { timeout = 2 })
  wait(pool:shutdown(), { timeout = 2 })
end)

fact("D1: a worker may shut its own pool down and wait for it", function()
  local pool = GreenPool(3)
  local other = pool:submit(sleeper(5))
  check.equal(wait(pool:submit(function()
    wait(pool:shutdown())
    return other:done()
  end), { timeout = 10 }), true)
  check.list(counts(pool), { 0, 0, 0 })
end)

fact("D1: the only worker may shut its pool down though jobs wait for it", function()
  local pool, done = GreenPool(1), 0
  local asker = pool:submit(function()
    green.sleep(1)
    wait(pool:shutdown())
    return done
  end)
  for _ = 1, 3 do
    pool:submit(function() done = done + 1 end)
  end
  check.equal(wait(asker, { timeout = 10 }), 3)
  check.list(counts(pool), { 0, 0, 0 })
end)

fact("D1: two workers may shut their pool down at once", function()
  local pool = GreenPool(2)
  local function stop()
    green.sleep(1)
    wait(pool:shutdown())
    return "stopped"
  end
  check.list({ green.gather(pool:submit(stop), pool:submit(stop)) }, { "stopped", "stopped" })
  check.equal(pool.workers, 0)
end)

fact("D1: a shutdown inside a nested submit completes", function()
  local pool = GreenPool(2)
  wait(pool:submit(function()
    pool:submit(function() wait(pool:shutdown()) end)
  end), { timeout = 10 })
  check.equal(pool.workers, 0)
end)

fact("shutdown completes when the jobs that wait are cancelled", function()
  local pool = GreenPool(1)
  local running, gate = nil, green.Event()
  running = pool:submit(function() gate:wait() end)
  local queued = pool:submit(print)
  local ended = pool:shutdown()
  queued:cancel()
  check.equal(ended:done(), false)
  gate:set()
  wait(ended, { timeout = 1 })
  wait(running)
end)
