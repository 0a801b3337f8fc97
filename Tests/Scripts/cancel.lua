-- `future:cancel()`.
local check = require "support.check"
local green = require "green"
local fact, main_fact = check.fact, check.main_fact

local function forever()
  green.Event():wait()
end

fact("a green that has not begun never does", function()
  local ran = false
  local future = green.spawn(function() ran = true end)
  check.equal(future:cancel(), true)
  check.equal(future:done(), true)
  check.equal(future:cancelled(), true)
  check.raises("cancelled", wait, future)
  check.settle()
  check.equal(ran, false)
end)

fact("a green that waits gets the error at its wait", function()
  local seen
  local future = green.spawn(function()
    local ok, err = pcall(forever)
    seen = err
    error(err, 0)
  end)
  check.settle()
  check.equal(future:cancel(), true)
  check.equal(future:done(), false)
  check.raises("cancelled", wait, future)
  check.equal(seen, green.cancelled)
  check.equal(future:cancelled(), true)
end)

fact("every kind of wait can be cancelled", function()
  local held, full = GreenLock(), green.Queue(1)
  held:acquire()
  full:put(1)
  local waits = {
    function() wait(green.future()) end, function() held:acquire() end, function() green.Semaphore(0):acquire() end,
    function() green.Event():wait() end, function() green.Queue():get() end, function() full:put(2) end,
    function() green.Condition():wait() end, function() green.sleep(1e6) end, function() green.sleep(math.huge) end,
    function() green.gather(green.future()) end, function() green.race(green.future()) end,
    function() return green.future() end, function() while true do green.sleep(0) end end,
    function() coroutine.wrap(forever)() end, function() green.timeout(1e6, forever) end,
  }
  for i, fn in ipairs(waits) do
    local future = green.spawn(fn)
    check.settle()
    check.equal(future:cancel(), true, "wait " .. i)
    check.equal(select(2, pcall(wait, future, { timeout = 1 })), green.cancelled, "wait " .. i)
  end
  check.equal(full.size, 1)
  held:release()
  check.equal(held:locked(), nil)
end)

fact("pcall catches it, and the green may go on to give a result", function()
  local future = green.spawn(function()
    pcall(forever)
    green.sleep(1)
    return "survived"
  end)
  check.settle()
  future:cancel()
  check.equal(wait(future), "survived")
  check.equal(future:cancelled(), false)
end)

fact("cleaning up may wait", function()
  local cleaned = false
  local future = green.spawn(function()
    local ok, err = pcall(forever)
    green.sleep(5)
    cleaned = true
    error(err, 0)
  end)
  check.settle()
  future:cancel()
  check.raises("cancelled", wait, future)
  check.equal(cleaned, true)
end)

fact("an error while cleaning up is the outcome", function()
  local future = green.spawn(function()
    pcall(forever)
    error("worse", 0)
  end)
  check.settle()
  future:cancel()
  check.raises("worse", wait, future)
  check.equal(future:cancelled(), false)
end)

fact("variables are closed when it is not caught", function()
  local closed = 0
  local future = green.spawn(function()
    local _ <close> = setmetatable({}, { __close = function() closed = closed + 1 end })
    coroutine.wrap(function()
      local _ <close> = setmetatable({}, { __close = function() closed = closed + 1 end })
      forever()
    end)()
  end)
  check.settle()
  future:cancel()
  check.raises("cancelled", wait, future)
  check.equal(closed, 2)
end)

fact("green.current is the green itself while its variables are closed", function()
  local me, seen
  local future = green.spawn(function()
    me = green.current()
    local _ <close> = setmetatable({}, { __close = function() seen = green.current() end })
    forever()
  end)
  check.settle()
  future:cancel()
  check.raises("cancelled", wait, future)
  check.equal(seen, me)
end)

fact("a green that is ready is told at its next wait", function()
  local event, reached = green.Event(), false
  local future = green.spawn(function()
    event:wait()
    reached = true
    green.sleep(1)
    error("not reached")
  end)
  check.settle()
  event:set()
  future:cancel()
  check.raises("cancelled", wait, future)
  check.equal(reached, true)
end)

fact("a green that is ready and never waits again ends as if nothing had been", function()
  local event = green.Event()
  local future = green.spawn(function()
    event:wait()
    return "done"
  end)
  check.settle()
  event:set()
  check.equal(future:cancel(), true)
  check.equal(wait(future), "done")
end)

fact("a green may cancel itself", function()
  local future
  future = green.spawn(function()
    future:cancel()
    local reached = true
    green.sleep(0)
    return reached
  end)
  check.raises("cancelled", wait, future)
end)

fact("what was cancelled does not reach the worker's next run", function()
  local pool = GreenPool(1)
  local event = green.Event()
  local first = pool:submit(function() event:wait() end)
  check.settle()
  event:set()
  first:cancel()
  wait(first)
  check.equal(wait(pool:submit(function()
    green.sleep(1)
    return "clean"
  end)), "clean")
end)

fact("cancelling twice is one interrupt", function()
  local caught = 0
  local future = green.spawn(function()
    for _ = 1, 3 do
      if not pcall(green.sleep, 1) then caught = caught + 1 end
    end
  end)
  check.settle()
  future:cancel()
  future:cancel()
  wait(future)
  check.equal(caught, 1)
end)

fact("what is done cannot be cancelled", function()
  local done, failed = green.spawn(function() return 1 end), green.spawn(error, "x", 0)
  wait(done)
  pcall(wait, failed)
  check.equal(done:cancel(), false)
  check.equal(failed:cancel(), false)
  check.equal(wait(done), 1)
end)

fact("cancelling a green does not cancel what it waits for", function()
  local inner = green.spawn(function()
    green.sleep(5)
    return "inner"
  end)
  local outer = green.spawn(function() return wait(inner) end)
  check.settle()
  outer:cancel()
  check.raises("cancelled", wait, outer)
  check.equal(wait(inner), "inner")
end)

fact("cancelling a green that gives a future ends it without that future", function()
  local inner = green.future()
  local outer = green.spawn(function() return inner end)
  check.settle()
  outer:cancel()
  check.raises("cancelled", wait, outer)
  inner:set_result(1)
end)

fact("several waiters of a cancelled future are all told", function()
  local future = green.spawn(forever)
  local waiters = {}
  for i = 1, 5 do
    waiters[i] = green.spawn(function() return select(2, pcall(wait, future)) end)
  end
  check.settle()
  future:cancel()
  for i = 1, 5 do
    check.equal(wait(waiters[i]), green.cancelled)
  end
end)

-- Pools.

fact("a cancelled job gives its worker back: parked, ready, and before it begins", function()
  local pool = GreenPool(3)
  local parked = pool:submit(forever)
  local event = green.Event()
  local ready = pool:submit(function()
    event:wait()
    forever()
  end)
  check.settle()
  local fresh = pool:submit(forever)
  event:set()
  parked:cancel()
  ready:cancel()
  fresh:cancel()
  check.settle()
  check.list({ pool.workers, pool.idle, pool.queued }, { 3, 3, 0 })
  local futures = {}
  for i = 1, 3 do
    futures[i] = pool:submit(function() return i end)
  end
  check.list(green.gather(futures), { 1, 2, 3 })
  check.equal(pool.workers, 3)
end)

fact("a cancelled job in line never runs, and the others keep their order", function()
  local pool, order, futures = GreenPool(1), {}, {}
  for i = 1, 5 do
    futures[i] = pool:submit(function()
      green.sleep(1)
      order[#order + 1] = i
    end)
  end
  check.equal(pool.queued, 4)
  futures[2]:cancel()
  futures[4]:cancel()
  check.equal(pool.queued, 2)
  check.equal(futures[2]:done(), true)
  wait(futures[5])
  check.list(order, { 1, 3, 5 })
  check.list({ pool.workers, pool.idle, pool.queued }, { 1, 1, 0 })
end)

fact("a job cancelled in the turn its worker takes it up never runs", function()
  local pool, ran = GreenPool(1), false
  local gate = green.Event()
  local first = pool:submit(function() gate:wait() end)
  local second = pool:submit(function() ran = true end)
  check.settle()
  gate:set()
  -- The first job ends and the second is taken up in the same turn; this green is in between.
  first:add_done_callback(function() second:cancel() end)
  pcall(wait, second)
  check.settle()
  check.list({ pool.workers, pool.idle, pool.queued }, { 1, 1, 0 })
  check.equal(second:done(), true)
  check.equal(ran, not second:cancelled())
end)

fact("thousands of cancelled greens leave their workers to others", function()
  local futures = {}
  for i = 1, 2000 do
    futures[i] = green.spawn(forever)
  end
  check.settle()
  for i = 1, 2000 do
    futures[i]:cancel()
  end
  for i = 1, 2000 do
    check.equal(select(2, pcall(wait, futures[i])), green.cancelled)
  end
  local workers = harness:workers()
  for i = 1, 2000 do
    futures[i] = green.spawn(function() return i end)
  end
  green.gather(futures)
  check.equal(harness:workers(), workers)
end)

main_fact("outside a green a future can be cancelled", function()
  local future = green.spawn(forever)
  return function()
    check.equal(future:cancel(), true)
    check.raises("cancelled", wait, future)
  end
end)
