-- `green.timeout(seconds, fn, ...)`.
local check = require "support.check"
local green = require "green"
local fact, main_fact = check.fact, check.main_fact

fact("what ends in time gives its results", function()
  check.list(table.pack(green.timeout(5, function(...)
    green.sleep(1)
    return ...
  end, 1, nil, 3)), { 1, nil, 3, n = 3 })
  local start = green.now()
  green.sleep(10)
  check.equal(green.now() - start, 10.0)
end)

fact("what takes too long is interrupted at its wait with timed_out", function()
  local start = green.now()
  check.equal(check.raises("timeout", green.timeout, 2, green.sleep, 10), green.timed_out)
  check.equal(green.now() - start, 2.0)
end)

fact("every kind of wait is interrupted", function()
  local lock, other = GreenLock(), nil
  other = green.spawn(function()
    lock:acquire()
    green.sleep(100)
    lock:release()
  end)
  check.settle()
  local full = green.Queue(1)
  full:put(1)
  local waits = {
    function() wait(green.future()) end, function() lock:acquire() end, function() green.Semaphore(0):acquire() end,
    function() green.Event():wait() end, function() green.Queue():get() end, function() full:put(2) end,
    function() green.Condition():wait() end, function() green.gather(green.future()) end,
    function() green.race(green.future()) end, function() while true do green.sleep(0.3) end end,
  }
  for i, fn in ipairs(waits) do
    check.equal(select(2, pcall(green.timeout, 1, fn)), green.timed_out, "wait " .. i)
  end
  wait(other)
  check.equal(full.size, 1)
end)

fact("an error comes through as it is", function()
  local value = {}
  check.equal(check.raises("table", green.timeout, 5, error, value), value)
end)

fact("it interrupts once: what cleans up afterwards may wait", function()
  local cleaned = false
  check.raises("timeout", green.timeout, 1, function()
    local ok, err = pcall(green.sleep, 10)
    green.sleep(5)
    cleaned = true
    error(err, 0)
  end)
  check.equal(cleaned, true)
end)

fact("what catches the interrupt may even go on", function()
  check.equal(green.timeout(1, function()
    pcall(green.sleep, 10)
    green.sleep(10)
    return "stubborn"
  end), "stubborn")
end)

fact("of nested scopes the one whose time is up is left", function()
  local start = green.now()
  check.equal(green.timeout(10, function()
    check.equal(select(2, pcall(green.timeout, 1, green.sleep, 5)), green.timed_out)
    return "outer goes on"
  end), "outer goes on")
  check.equal(green.now() - start, 1.0)
  check.equal(select(2, pcall(green.timeout, 1, function()
    green.timeout(10, green.sleep, 5)
    error("not reached")
  end)), green.timed_out)
  check.equal(green.now() - start, 2.0)
end)

fact("an interrupt that comes while nothing waits is dropped with its scope", function()
  -- Woken and interrupted in the same turn, the function ends without another wait.
  local event = green.Event()
  local worker = green.spawn(function()
    local got = green.timeout(2, function() return event:wait() end)
    green.sleep(1)
    return got
  end)
  local waker = green.spawn(function()
    green.sleep(2)
    event:set()
  end)
  local ok, result = pcall(wait, worker)
  if ok then check.equal(result, true) else check.equal(result, green.timed_out) end
  wait(waker)
end)

fact("the scope's end takes its timer away", function()
  for _ = 1, 100 do
    green.timeout(1, function() end)
  end
  local before = harness:turns()
  green.sleep(5)
  check.truthy(harness:turns() - before <= 2)
end)

fact("a failed scope's timer is taken away, too", function()
  for _ = 1, 100 do
    pcall(green.timeout, 1, error, "x")
  end
  local before = harness:turns()
  green.sleep(5)
  check.truthy(harness:turns() - before <= 2)
end)

fact("a green that ends inside its scopes leaves no timer", function()
  local greens = {}
  for i = 1, 10 do
    greens[i] = green.spawn(green.timeout, 50, green.timeout, 60, green.sleep, 100)
  end
  check.settle()
  for i = 1, 10 do
    greens[i]:cancel()
    check.raises("cancelled", wait, greens[i])
  end
  local before = harness:turns()
  green.sleep(200)
  check.truthy(harness:turns() - before <= 2)
end)

fact("cancelling goes before a timeout", function()
  local worker = green.spawn(green.timeout, 10, green.sleep, 20)
  green.sleep(1)
  worker:cancel()
  check.raises("cancelled", wait, worker)
end)

fact("no time is no limit", function()
  check.equal(green.timeout(nil, function()
    green.sleep(1000)
    return "x"
  end), "x")
  check.equal(green.timeout(math.huge, function()
    green.sleep(1000)
    return "x"
  end), "x")
end)

fact("zero and negative times are up at the first wait that lets the loop turn", function()
  for _, span in ipairs { 0, -5, -math.huge } do
    check.equal(select(2, pcall(green.timeout, span, green.sleep, 1)), green.timed_out)
  end
  check.equal(green.timeout(0, function() return "no wait" end), "no wait")
end)

fact("each green has its own scopes", function()
  local other = green.timeout(1, function()
    return green.spawn(function()
      green.sleep(5)
      return "not limited"
    end)
  end)
  check.equal(wait(other), "not limited")
end)

fact("a pool job and an inline submit are limited like any call", function()
  local pool = GreenPool(1)
  local err = wait(pool:submit(function()
    return select(2, pcall(green.timeout, 1, pool.submit, pool, green.sleep, 10))
  end))
  check.equal(err, green.timed_out)
  check.equal(pool.idle, 1)
end)

fact("a wait inside of a script's coroutine is interrupted, too", function()
  local wrapped = coroutine.wrap(function() green.sleep(10) end)
  check.raises("timeout", green.timeout, 1, wrapped)
end)

fact("arguments are checked", function()
  check.raises("number of seconds expected, got string", green.timeout, "1", print)
  check.raises("number of seconds expected", green.timeout, 0 / 0, print)
  check.raises("function expected, got no value", green.timeout, 1)
end)

fact("timed_out and cancelled are errors with a kind and a message", function()
  check.equal(green.timed_out.kind, "timeout")
  check.equal(green.timed_out.message, "timeout")
  check.equal(tostring(green.timed_out), "timeout")
  check.equal(green.cancelled.kind, "cancelled")
  check.equal(tostring(green.cancelled), "cancelled")
end)

main_fact("outside a green there is no timeout", function()
  check.raises("cannot wait on the main coroutine", green.timeout, 1, print)
end)
