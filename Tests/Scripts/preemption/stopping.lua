-- Greens that do not end when they are asked to.
local check = require "support.check"
local green = require "green"
local fact = check.fact

-- Cancels twice: the second time, once the first has been raised, is hard.
local function stop(future)
  future:cancel()
  green.sleep(0.05)
  future:cancel()
end

fact("the second cancel stops what swallows the first", function()
  local future = green.spawn(function()
    while true do pcall(function() while true do end end) end
  end)
  green.sleep(0)
  stop(future)
  check.raises("cancelled", wait, future)
  check.truthy(harness:log():find("was stopped: it was cancelled, and went on", 1, true))
end)

fact("the second cancel stops what waits while it cleans up", function()
  local cleaned = false
  local future = green.spawn(function()
    pcall(green.sleep, 100)
    green.sleep(100)
    cleaned = true
  end)
  green.sleep(0)
  stop(future)
  check.raises("cancelled", wait, future)
  check.equal(cleaned, false)
  harness:log()
end)

fact("a grace that is over stops what swallows the cancellation", function()
  local future = green.spawn(function()
    while true do pcall(green.sleep, 0.01) end
  end)
  green.sleep(0)
  future:cancel()
  check.raises("cancelled", wait, future)
  harness:log()
end)

fact("the locks of what is stopped are given on", function()
  local lock = GreenLock()
  local future = green.spawn(function()
    lock:acquire()
    while true do pcall(green.sleep, 100) end
  end)
  green.sleep(0)
  check.truthy(lock:locked())
  local waiter = green.spawn(function() lock:acquire() lock:release() return "got it" end)
  green.sleep(0)
  stop(future)
  check.equal(wait(waiter), "got it")
  harness:log()
end)

fact("variables that are to be closed are closed by natives, and scripts' own closers are stopped", function()
  local lock, closed = GreenLock(), false
  local future = green.spawn(function()
    local _ <close> = setmetatable({}, { __close = function() closed = true while true do end end })
    while true do pcall(green.sleep, 100) end
  end)
  green.sleep(0)
  stop(future)
  check.raises("cancelled", wait, future)
  check.equal(closed, false)
  harness:log()
end)

fact("closers that are wrapped coroutines do not run either", function()
  local closed = false
  local future = green.spawn(function()
    local _ <close> = setmetatable({}, { __close = coroutine.wrap(function() closed = true end) })
    while true do pcall(green.sleep, 100) end
  end)
  green.sleep(0)
  stop(future)
  check.raises("cancelled", wait, future)
  check.equal(closed, false)
  harness:log()
end)

fact("a message handler ends with the green that is stopped inside xpcall", function()
  local handled = false
  local stuck = green.spawn(xpcall, function()
    while true do pcall(green.sleep, 100) end
  end, function(message) handled = true return message end)
  green.sleep(0)
  stop(stuck)
  check.raises("cancelled", wait, stuck)
  -- Those that its coroutine serves next have values in the place where the handler was.
  local function handler() handled = true return "handled" end
  for _ = 1, 3 do
    local _, message = pcall(wait, green.spawn(function() error("plain", 0) end, handler, handler, handler))
    check.equal(message, "plain")
  end
  check.equal(handled, false)
  harness:log()
end)

fact("a coroutine that is closed inside xpcall gives the error of its closer", function()
  local co = coroutine.create(function()
    local _ <close> = setmetatable({}, { __close = function()
      local _, _, _, _ = print, print, print, print
      error("from the closer", 0)
    end })
    xpcall(coroutine.yield, function() return "handled" end)
  end)
  coroutine.resume(co)
  check.list(table.pack(coroutine.close(co)), { false, "from the closer", n = 2 })
end)

-- The green has had its first cancel and waits again; it is stopped when what it waits for has come, before its turn.
local function stop_with_hands_full(get, give)
  local future = green.spawn(function()
    pcall(green.sleep, 100)
    get()
  end)
  green.sleep(0)
  future:cancel()
  green.sleep(0)
  give()
  future:cancel()
  check.raises("cancelled", wait, future)
  harness:log()
end

fact("what was handed to a green that is stopped before its turn is the next one's", function()
  local lock = GreenLock()
  lock:acquire()
  stop_with_hands_full(function() lock:acquire() end, function() lock:release() end)
  check.equal(lock:acquire(0.1), true)
  lock:release()

  local semaphore = green.Semaphore(0)
  stop_with_hands_full(function() semaphore:acquire() end, function() semaphore:release() end)
  check.equal(semaphore.count, 1)

  local queue = green.Queue(1)
  stop_with_hands_full(function() queue:get() end, function() queue:put("value") end)
  check.equal(queue:get(0.1), "value")
  queue:put(1)
  stop_with_hands_full(function() queue:put(2) end, function() queue:get() end)
  check.equal(queue:put(3, 0.1), true)

  local condition, other = green.Condition()
  stop_with_hands_full(function() condition:wait() end, function()
    other = green.spawn(condition.wait, condition, 0.1)
    green.sleep(0)
    check.equal(condition:notify(), 1)
  end)
  check.equal(wait(other), true)
end)

fact("a pool goes on behind a worker that was stopped", function()
  local pool = GreenPool(1)
  local stuck = pool:submit(function() while true do pcall(green.sleep, 100) end end)
  local next_ = pool:submit(function() return "next" end)
  green.sleep(0)
  stop(stuck)
  check.equal(wait(next_), "next")
  harness:log()
end)

fact("a shield holds a cancellation back until it ends", function()
  local steps, begun = {}, green.Event()
  local future = green.spawn(function()
    green.shield(function()
      begun:set()
      green.sleep(0)
      steps[#steps + 1] = "shielded"
    end)
    steps[#steps + 1] = "behind"
  end)
  begun:wait()
  future:cancel()
  check.raises("cancelled", wait, future)
  check.equal(table.concat(steps, " "), "shielded")
end)

fact("a shield gives the results of its function, and its error", function()
  check.equal(select("#", green.shield(function(...) return ... end, 1, nil)), 2)
  check.raises("broken", green.shield, function() error("broken", 0) end)
end)

fact("a timeout goes through a shield", function()
  check.raises("timeout", green.timeout, 0.03, green.shield, function() green.sleep(10) end)
end)

fact("shields nest", function()
  local steps, begun = {}, green.Event()
  local future = green.spawn(function()
    green.shield(function()
      green.shield(function()
        begun:set()
        green.sleep(0)
      end)
      steps[#steps + 1] = "inner over"
      green.sleep(0)
      steps[#steps + 1] = "outer over"
    end)
    steps[#steps + 1] = "behind"
  end)
  begun:wait()
  future:cancel()
  check.raises("cancelled", wait, future)
  check.equal(table.concat(steps, ", "), "inner over, outer over")
end)

fact("a shield's function is checked", function()
  check.raises("function expected, got number", green.shield, 1)
end)
