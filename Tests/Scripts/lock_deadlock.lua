-- A green that would wait for itself, directly or around a circle, is told so.
local check = require "support.check"
local green = require "green"
local fact = check.fact

fact("acquiring a lock one holds already is a deadlock error, not a hang", function()
  local lock = GreenLock()
  lock:acquire()
  check.raises("lock_deadlock.lua:%d+: deadlock: green %d+ would wait for itself %(GreenLock held by green %d+%)",
    function() lock:acquire() end)
  check.equal(lock.owner, green.current())
  lock:release()
end)

fact("acquiring a lock one holds with a timeout waits for the timeout", function()
  local lock = GreenLock()
  lock:acquire()
  check.list(table.pack(lock:acquire(1)), { nil, "timeout", n = 2 })
  lock:release()
end)

fact("a circle of two is raised in the green that would close it", function()
  local one, two = GreenLock(), GreenLock()
  local a = green.spawn(function()
    one:acquire()
    green.sleep(1)
    two:acquire()
    two:release()
    one:release()
    return "a"
  end)
  local b = green.spawn(function()
    two:acquire()
    green.sleep(2)
    local ok, err = pcall(one.acquire, one)
    two:release()
    return ok, err
  end)
  check.equal(wait(a), "a")
  local ok, err = wait(b)
  check.equal(ok, false)
  check.truthy(err:find("deadlock: green (%d+) would wait for itself %(GreenLock held by green %d+, "
    .. "which waits for a GreenLock held by green %1%)"), err)
end)

fact("a circle of five is found, a chain of five is none", function()
  local locks, greens = {}, {}
  for i = 1, 5 do
    locks[i] = GreenLock()
  end
  for i = 1, 5 do
    greens[i] = green.spawn(function()
      locks[i]:acquire()
      green.sleep(i)
      local ok, err = pcall(function()
        local following = locks[i % 5 + 1]
        following:acquire()
        following:release()
      end)
      locks[i]:release()
      return ok or err
    end)
  end
  for i = 1, 4 do
    check.equal(wait(greens[i]), true)
  end
  check.truthy(wait(greens[5]):find("deadlock"))
end)

fact("a circle that a Condition has closed does not hang others who ask", function()
  local one, two, nine = GreenLock(), GreenLock(), GreenLock()
  local changed = green.Condition(two)
  local a = green.spawn(function()
    one:acquire()
    two:acquire()
    changed:wait() -- takes `two` back, which b holds, who waits for `one`
    two:release()
    one:release()
  end)
  green.sleep(1)
  local b = green.spawn(function()
    two:acquire()
    changed:notify()
    pcall(one.acquire, one)
    two:release()
  end)
  green.sleep(1)
  local x = green.spawn(function()
    nine:acquire()
    one:acquire()
    one:release()
    nine:release()
  end)
  green.sleep(1)
  local y = green.spawn(function()
    nine:acquire()
    nine:release()
  end)
  green.sleep(1)
  b:cancel()
  green.gather(a, b, x, y)
  check.equal(one:locked(), nil)
end)
