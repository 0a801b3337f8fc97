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
  local steps = {}
  local future = green.spawn(function()
    green.shield(function()
      green.sleep(0.03)
      steps[#steps + 1] = "shielded"
    end)
    steps[#steps + 1] = "behind"
  end)
  green.sleep(0)
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
  local steps = {}
  local future = green.spawn(function()
    green.shield(function()
      green.shield(function() green.sleep(0.03) end)
      steps[#steps + 1] = "inner over"
      green.sleep(0.03)
      steps[#steps + 1] = "outer over"
    end)
    steps[#steps + 1] = "behind"
  end)
  green.sleep(0)
  future:cancel()
  check.raises("cancelled", wait, future)
  check.equal(table.concat(steps, ", "), "inner over, outer over")
end)

fact("a shield's function is checked", function()
  check.raises("function expected, got number", green.shield, 1)
end)
