-- `GreenLock`: contract 1.4, its defects, and what the design adds: timeouts and automatic release
-- (guards and deadlock errors have scripts of their own).
-- D7, a lock that only the thread that made it can ask, has no counterpart: a Lua state lives on one thread.
local check = require "support.check"
local green = require "green"
local fact, main_fact = check.fact, check.main_fact

fact("a fresh lock is unlocked", function()
  local lock = GreenLock()
  check.equal(lock:locked(), nil)
  check.equal(lock.owner, nil)
end)

fact("acquire of a free lock is true, at once, and tells the owner", function()
  local lock = GreenLock()
  local before = harness:turns()
  check.equal(lock:acquire(), true)
  check.equal(harness:turns(), before)
  check.equal(lock:locked(), green.current())
  check.equal(lock.owner, green.current())
  lock:release()
  check.equal(lock:locked(), nil)
end)

main_fact("acquire outside a green raises and changes nothing", function()
  local lock = GreenLock()
  check.raises("lock.lua:%d+: cannot wait on the main coroutine", function() lock:acquire() end)
  check.raises("cannot wait on the main coroutine", function() lock:acquire(0) end)
  check.raises("cannot wait on the main coroutine", function() lock:guard() end)
  check.equal(lock:locked(), nil)
end)

fact("release of an unlocked lock raises", function()
  local lock = GreenLock()
  check.raises("lock.lua:%d+: release unlocked lock", function() lock:release() end)
  lock:acquire()
  lock:release()
  check.raises("release unlocked lock", lock.release, lock)
end)

main_fact("release of an unlocked lock raises outside a green, too", function()
  check.raises("release unlocked lock", function() GreenLock():release() end)
end)

fact("a held lock parks whoever wants it until it is handed over", function()
  local lock, order = GreenLock(), {}
  lock:acquire()
  local other = green.spawn(function()
    order[#order + 1] = "asks"
    check.equal(lock:acquire(), true)
    order[#order + 1] = "has"
    check.equal(lock.owner, green.current())
    lock:release()
  end)
  check.settle()
  order[#order + 1] = "releases"
  lock:release()
  wait(other)
  check.list(order, { "asks", "releases", "has" })
end)

fact("locked() still tells the old owner until the waiter runs", function()
  local lock, me = GreenLock(), green.current()
  lock:acquire()
  local child = green.spawn(function()
    lock:acquire()
    local mine = lock:locked() == green.current()
    lock:release()
    return mine
  end)
  check.settle()
  lock:release()
  check.equal(lock:locked(), me)
  check.equal(lock.owner, me)
  check.equal(wait(child), true)
  check.equal(lock:locked(), nil)
end)

fact("the hand-off is first in first out, without barging", function()
  local lock, order, greens = GreenLock(), {}, {}
  lock:acquire()
  for i = 1, 5 do
    greens[i] = green.spawn(function()
      lock:acquire()
      order[#order + 1] = i
      lock:release()
    end)
  end
  check.settle()
  lock:release()
  -- The lock is taken for the first waiter: who asks now goes to the end of the line.
  lock:acquire()
  order[#order + 1] = "again"
  lock:release()
  green.gather(greens)
  check.list(order, { 1, 2, 3, 4, 5, "again" })
end)

fact("release then acquire: A rel, B, A re", function()
  local lock, order = GreenLock(), {}
  local a = green.spawn(function()
    lock:acquire()
    green.sleep(1)
    lock:release()
    order[#order + 1] = "A rel"
    lock:acquire()
    order[#order + 1] = "A re"
    lock:release()
  end)
  local b = green.spawn(function()
    lock:acquire()
    order[#order + 1] = "B"
    lock:release()
  end)
  green.gather(a, b)
  check.list(order, { "A rel", "B", "A re" })
end)

fact("anybody may release, and the next waiter gets it", function()
  local lock = GreenLock()
  lock:acquire()
  local waiter = green.spawn(function()
    lock:acquire()
    lock:release()
    return "got it"
  end)
  check.settle()
  green.spawn(function() lock:release() end)
  check.equal(wait(waiter), "got it")
  check.equal(lock:locked(), nil)
  check.raises("release unlocked lock", lock.release, lock)
end)

fact("D6: a second release before the waiter runs raises and wakes nobody else", function()
  local lock, inside, most = GreenLock(), 0, 0
  lock:acquire()
  local function work()
    lock:acquire()
    inside = inside + 1
    most = math.max(most, inside)
    green.sleep(1)
    inside = inside - 1
    lock:release()
  end
  local a, b = green.spawn(work), green.spawn(work)
  check.settle()
  lock:release()
  check.raises("release unlocked lock", lock.release, lock)
  green.gather(a, b)
  check.equal(most, 1)
end)

fact("a timeout answers nil and timeout, and leaves the line", function()
  local lock = GreenLock()
  lock:acquire()
  local start = green.now()
  local impatient = green.spawn(function() return lock:acquire(2) end)
  local patient = green.spawn(function()
    local got = lock:acquire(100)
    lock:release()
    return got
  end)
  check.list(table.pack(wait(impatient)), { nil, "timeout", n = 2 })
  check.equal(green.now() - start, 2.0)
  lock:release()
  check.equal(wait(patient), true)
  check.equal(lock:locked(), nil)
end)

fact("a timeout of zero only tries", function()
  local lock = GreenLock()
  check.equal(lock:acquire(0), true)
  check.list(table.pack(wait(green.spawn(function() return lock:acquire(0) end))), { nil, "timeout", n = 2 })
  lock:release()
end)

fact("a lock that is handed over cannot be tried away", function()
  local lock = GreenLock()
  lock:acquire()
  local waiter = green.spawn(function()
    lock:acquire()
    lock:release()
  end)
  check.settle()
  lock:release()
  check.equal((lock:acquire(0)), nil)
  wait(waiter)
end)

fact("a timeout must be a number of seconds", function()
  local lock = GreenLock()
  lock:acquire()
  check.raises("bad argument #1 to '.*acquire' %(number of seconds expected, got string%)",
    wait, green.spawn(function() lock:acquire("1") end))
  lock:release()
end)

fact("a cancelled waiter is skipped, the others are unaffected", function()
  local lock, order = GreenLock(), {}
  lock:acquire()
  local function work(i)
    return green.spawn(function()
      lock:acquire()
      order[#order + 1] = i
      lock:release()
    end)
  end
  local a, b, c = work("a"), work("b"), work("c")
  check.settle()
  b:cancel()
  lock:release()
  wait(a)
  wait(c)
  check.raises("cancelled", wait, b)
  check.list(order, { "a", "c" })
  check.equal(lock:locked(), nil)
end)

fact("a waiter cancelled after the hand-off has the lock, and a guard gives it back", function()
  local lock, got = GreenLock(), nil
  lock:acquire()
  local waiter = green.spawn(function()
    local guard <close> = lock:guard()
    got = guard
    green.sleep(5)
  end)
  check.settle()
  lock:release()
  waiter:cancel()
  check.raises("cancelled", wait, waiter)
  check.equal(got, lock)
  check.equal(lock:locked(), nil)
end)

fact("a green that ends while it holds locks gives them up, with a line in the log", function()
  local first, second = GreenLock(), GreenLock()
  wait(green.spawn(function()
    first:acquire()
    second:acquire()
  end))
  check.equal(first:locked(), nil)
  check.equal(second:locked(), nil)
  local log = harness:log()
  check.equal(select(2, log:gsub("green %d+ ended while it held a GreenLock", "")), 2)
end)

fact("a waiter gets the lock of a green that ended or failed", function()
  local lock = GreenLock()
  local holder = green.spawn(function()
    lock:acquire()
    green.sleep(1)
    error("broken", 0)
  end)
  local waiter = green.spawn(function()
    green.sleep(0)
    lock:acquire()
    lock:release()
    return "got it"
  end)
  check.equal(wait(waiter), "got it")
  check.raises("broken", wait, holder)
  check.truthy(harness:log():find("ended while it held a GreenLock"))
end)

fact("asking for the owner of a handed over lock does not mark the ended green's worker", function()
  -- The owner ends right after its release; the waiter's turn comes next, and this green's before it.
  local lock, watcher_saw = GreenLock(), "nothing"
  local handed = green.Event()
  local owner = green.spawn(function()
    lock:acquire()
    handed:wait()
    lock:release()
  end)
  local watcher = green.spawn(function()
    handed:wait()
    watcher_saw = lock:locked()
  end)
  local waiter = green.spawn(function()
    lock:acquire()
    lock:release()
  end)
  check.settle()
  handed:set()
  green.gather(owner, watcher, waiter)
  check.truthy(watcher_saw)
  local ids, greens = {}, {}
  for i = 1, 6 do
    greens[i] = green.spawn(function()
      green.sleep(0)
      return green.current().id
    end)
  end
  for _, id in ipairs(green.gather(greens)) do
    check.equal(ids[id], nil, "id " .. id .. " given twice")
    ids[id] = true
  end
end)

fact("ten greens never hold it together, and all get their share", function()
  local lock, inside, total, greens = GreenLock(), 0, 0, {}
  for i = 1, 10 do
    greens[i] = green.spawn(function()
      for _ = 1, 20 do
        lock:acquire()
        inside = inside + 1
        check.equal(inside, 1)
        green.sleep(0)
        inside = inside - 1
        total = total + 1
        lock:release()
      end
    end)
  end
  green.gather(greens)
  check.equal(total, 200)
end)

fact("several locks held by one green are released in any order", function()
  local locks = {}
  for i = 1, 5 do
    locks[i] = GreenLock()
    locks[i]:acquire()
  end
  for _, i in ipairs { 3, 1, 5, 2, 4 } do
    locks[i]:release()
  end
  for i = 1, 5 do
    check.equal(locks[i]:locked(), nil)
  end
end)

fact("a lock that is collected while it is held harms nobody", function()
  do
    local lock = GreenLock()
    lock:acquire()
  end
  collectgarbage()
  collectgarbage()
  check.settle()
  wait(green.spawn(function() end))
  -- The end of this green releases it; the log says so after the fact.
  green.spawn(function()
    green.sleep(1)
    check.truthy(harness:log():find("ended while it held a GreenLock"))
  end)
end)

fact("members of a lock cannot be set, and its methods check what they are called on", function()
  local lock = GreenLock()
  check.raises("cannot set field 'owner' of a GreenLock", function() lock.owner = nil end)
  check.raises("GreenLock expected, got table", lock.acquire, {})
  check.raises("GreenLock expected, got no value", lock.release)
end)
