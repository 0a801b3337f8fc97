-- `local guard <close> = lock:guard([timeout])`.
local check = require "support.check"
local green = require "green"
local fact = check.fact

fact("a guard releases when its block is left, by its end, a return or an error", function()
  local lock = GreenLock()
  do
    local guard <close> = lock:guard()
    check.equal(guard, lock)
    check.equal(lock.owner, green.current())
  end
  check.equal(lock:locked(), nil)
  local function early()
    local _ <close> = lock:guard()
    return "early"
  end
  check.equal(early(), "early")
  check.equal(lock:locked(), nil)
  check.raises("thrown", function()
    local _ <close> = lock:guard()
    error("thrown", 0)
  end)
  check.equal(lock:locked(), nil)
end)

fact("a guard releases when its green fails or is cancelled, without a line in the log", function()
  local lock = GreenLock()
  check.raises("uncaught", wait, green.spawn(function()
    local _ <close> = lock:guard()
    error("uncaught", 0)
  end))
  check.equal(lock:locked(), nil)
  local sleeper = green.spawn(function()
    local _ <close> = lock:guard()
    green.sleep(10)
  end)
  check.settle()
  sleeper:cancel()
  check.raises("cancelled", wait, sleeper)
  check.equal(lock:locked(), nil)
  check.equal(harness:log(), "")
end)

fact("a guard whose lock was released within does nothing", function()
  local lock = GreenLock()
  do
    local _ <close> = lock:guard()
    lock:release()
  end
  check.equal(lock:locked(), nil)
end)

fact("a guard does not release a lock that another has got meanwhile", function()
  local lock, other = GreenLock(), nil
  do
    local _ <close> = lock:guard()
    lock:release()
    other = green.spawn(function()
      lock:acquire()
      green.sleep(5)
      lock:release()
    end)
    check.settle()
  end
  check.truthy(lock:locked())
  wait(other)
end)

fact("a guard that times out is nil, and may be closed", function()
  local lock = GreenLock()
  lock:acquire()
  local results = table.pack(wait(green.spawn(function()
    local guard <close>, why = lock:guard(1)
    return guard, why
  end)))
  check.list(results, { nil, "timeout", n = 2 })
  lock:release()
end)
