-- `green.spawn`, `green.sleep`, `green.now`, and what futures offer.
local check = require "support.check"
local green = require "green"
local fact, main_fact = check.fact, check.main_fact

fact("a spawned green runs later, with its arguments", function()
  local order = {}
  local future = green.spawn(function(...)
    order[#order + 1] = "green"
    return select("#", ...), ...
  end, 1, nil)
  order[#order + 1] = "spawner"
  check.list(table.pack(wait(future)), { 2, 1, nil, n = 3 })
  check.list(order, { "spawner", "green" })
end)

fact("greens begin in the order they were spawned, pool jobs among them", function()
  local order, pool, last = {}, GreenPool(), nil
  for i = 1, 9 do
    local function note() order[#order + 1] = i end
    last = i % 3 == 0 and pool:submit(note) or green.spawn(note)
  end
  wait(last)
  check.list(order, { 1, 2, 3, 4, 5, 6, 7, 8, 9 })
end)

main_fact("spawn outside a green does not run it at once", function()
  local ran = false
  green.spawn(function() ran = true end)
  check.equal(ran, false)
  return function() check.equal(ran, true) end
end)

fact("greens take turns at sleep(0)", function()
  local order, greens = {}, {}
  for i = 1, 3 do
    greens[i] = green.spawn(function()
      for j = 1, 2 do
        order[#order + 1] = i .. "." .. j
        green.sleep(0)
      end
    end)
  end
  green.gather(greens)
  check.list(order, { "1.1", "2.1", "3.1", "1.2", "2.2", "3.2" })
end)

fact("greens that are always ready do not keep the loop from its timers", function()
  local done, spins = false, 0
  local spinner = green.spawn(function()
    while not done do
      spins = spins + 1
      green.sleep(0)
    end
  end)
  local before = harness:turns()
  while harness:turns() < before + 3 do
    green.sleep(0)
  end
  done = true
  wait(spinner)
  check.truthy(spins < 3000, "spins " .. spins)
end)

fact("sleeps end in the order of their times, equal ones in the order they began", function()
  local order, greens = {}, {}
  for i, seconds in ipairs { 3, 1, 2, 1, 0.5, 3 } do
    greens[i] = green.spawn(function()
      green.sleep(seconds)
      order[#order + 1] = i
    end)
  end
  green.gather(greens)
  check.list(order, { 5, 2, 4, 3, 1, 6 })
end)

fact("sleep lasts as long as told, and gives nothing", function()
  local start = green.now()
  check.equal(select("#", green.sleep(1.25)), 0)
  check.equal(green.now() - start, 1.25)
  green.sleep()
  green.sleep(-1)
  green.sleep(-math.huge)
  check.equal(green.now() - start, 1.25)
  check.raises("number of seconds expected, got string", green.sleep, "1")
  check.raises("number of seconds", green.sleep, 0 / 0)
end)

main_fact("outside a green there is no sleep", function()
  check.raises("spawn.lua:%d+: cannot wait on the main coroutine", function() green.sleep(0) end)
end)

fact("ten thousand greens run, park and end", function()
  local sum, greens, event = 0, {}, green.Event()
  for i = 1, 10000 do
    greens[i] = green.spawn(function()
      event:wait()
      sum = sum + i
    end)
  end
  green.sleep(1)
  check.equal(sum, 0)
  event:set()
  green.gather(greens)
  check.equal(sum, 10000 * 10001 // 2)
end)

fact("workers are used again: a thousand greens one after another need few", function()
  wait(green.spawn(function() end))
  local workers = harness:workers()
  for _ = 1, 1000 do
    wait(green.spawn(function() end))
  end
  check.equal(harness:workers(), workers)
end)

fact("a green may spawn greens that outlive it", function()
  local result
  wait(green.spawn(function()
    green.spawn(function()
      green.sleep(5)
      result = "outlived"
    end)
  end))
  check.equal(result, nil)
  green.sleep(6)
  check.equal(result, "outlived")
end)

fact("callable objects can be spawned, other values cannot", function()
  local object = setmetatable({}, { __call = function(_, x) return x end })
  check.equal(wait(green.spawn(object, 5)), 5)
  check.raises("function expected, got number", green.spawn, 5)
  check.raises("function expected, got no value", green.spawn)
  check.raises("function expected, got table", green.spawn, {})
end)

-- Futures.

fact("result gives what wait gives, but does not wait", function()
  local future = green.spawn(function() return 1, 2 end)
  check.equal(future:done(), false)
  check.raises("spawn.lua:%d+: the future is not done yet", function() future:result() end)
  check.raises("not done yet", future.exception, future)
  wait(future)
  check.equal(future:done(), true)
  check.list({ future:result() }, { 1, 2 })
  check.equal(future:exception(), nil)
  local failed = green.spawn(error, "bad", 0)
  pcall(wait, failed)
  check.raises("bad", failed.result, failed)
  check.equal(failed:exception(), "bad")
  check.equal(failed:cancelled(), false)
end)

fact("a future's text tells how it stands", function()
  local future = green.spawn(function() end)
  check.equal(tostring(future), "green.future: pending")
  wait(future)
  check.equal(tostring(future), "green.future: succeeded")
end)

fact("done callbacks run in greens of their own, in order, with the future", function()
  local future, order = green.spawn(function() return "v" end), {}
  local me = green.current()
  for i = 1, 3 do
    future:add_done_callback(function(done)
      check.equal(done, future)
      check.differ(green.current(), me)
      green.sleep(0)
      order[#order + 1] = i .. done:result()
    end)
  end
  wait(future)
  check.settle()
  check.list(order, { "1v", "2v", "3v" })
  future:add_done_callback(function() order[#order + 1] = "late" end)
  check.equal(#order, 3)
  check.settle()
  check.equal(order[4], "late")
  check.raises("function expected", future.add_done_callback, future, 5)
end)

fact("callbacks are called for failures and cancellations, too", function()
  local seen = {}
  local failed = green.spawn(error, "x", 0)
  failed:add_done_callback(function(done) seen[#seen + 1] = tostring(done:exception()) end)
  local cancelled = green.spawn(function() end)
  cancelled:add_done_callback(function(done) seen[#seen + 1] = done:cancelled() end)
  cancelled:cancel()
  check.settle()
  check.equal(#seen, 2)
  check.truthy(seen[1] == true or seen[2] == true)
end)

fact("a promise is settled once, by whoever holds it", function()
  local promise = green.future()
  local waiter = green.spawn(function() return wait(promise) end)
  check.settle()
  promise:set_result(1, nil, 3)
  check.list(table.pack(wait(waiter)), { 1, nil, 3, n = 3 })
  check.raises("cannot be settled", promise.set_result, promise, 2)
  check.raises("cannot be settled", promise.set_error, promise, 2)
  local failing, value = green.future(), {}
  failing:set_error(value)
  check.equal(check.raises("table", wait, failing), value)
  local cancelled = green.future()
  check.equal(cancelled:cancel(), true)
  check.raises("cancelled", wait, cancelled)
  check.raises("cannot be settled", cancelled.set_result, cancelled, 2)
end)

fact("a green's own future cannot be settled by others", function()
  local future = green.spawn(function()
    green.sleep(1)
    return "own"
  end)
  check.raises("cannot be settled", future.set_result, future, "forged")
  check.equal(wait(future), "own")
  local fresh = green.spawn(function() return "fresh" end)
  check.raises("cannot be settled", fresh.set_error, fresh, "forged")
  check.equal(wait(fresh), "fresh")
end)

main_fact("green is a module, and its words are globals", function()
  check.equal(require "green", green)
  for _, name in ipairs { "wait", "run_in_greenlet", "GreenPool", "GreenLock" } do
    check.equal(_G[name], green[name])
  end
  for _, name in ipairs { "spawn", "sleep", "now", "timeout", "gather", "race", "current", "Semaphore", "Event",
    "Queue", "Condition", "future" } do
    check.equal(type(green[name]), "function", name)
  end
end)
