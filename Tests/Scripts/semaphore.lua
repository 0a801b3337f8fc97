local check = require "support.check"
local green = require "green"
local fact, main_fact = check.fact, check.main_fact

fact("a semaphore has one permit unless told otherwise", function()
  check.equal(green.Semaphore().count, 1)
  check.equal(green.Semaphore(0).count, 0)
  check.equal(green.Semaphore(5).count, 5)
end)

fact("a permit that is free is taken at once", function()
  local semaphore = green.Semaphore(2)
  local before = harness:turns()
  check.equal(semaphore:acquire(), true)
  check.equal(semaphore:acquire(), true)
  check.equal(semaphore.count, 0)
  check.equal(harness:turns(), before)
end)

fact("no more greens than permits are inside", function()
  local semaphore, inside, most, greens = green.Semaphore(3), 0, 0, {}
  for i = 1, 12 do
    greens[i] = green.spawn(function()
      semaphore:acquire()
      inside = inside + 1
      most = math.max(most, inside)
      green.sleep(1)
      inside = inside - 1
      semaphore:release()
    end)
  end
  green.gather(greens)
  check.equal(most, 3)
  check.equal(semaphore.count, 3)
end)

fact("those who wait are served first in first out, and nobody overtakes them", function()
  local semaphore, order, greens = green.Semaphore(0), {}, {}
  for i = 1, 4 do
    greens[i] = green.spawn(function()
      semaphore:acquire()
      order[#order + 1] = i
    end)
  end
  check.settle()
  semaphore:release(2)
  check.equal(semaphore.count, 0)
  check.list(table.pack(semaphore:acquire(0)), { nil, "timeout", n = 2 })
  check.settle()
  check.list(order, { 1, 2 })
  semaphore:release(3)
  green.gather(greens)
  check.list(order, { 1, 2, 3, 4 })
  check.equal(semaphore.count, 1)
end)

fact("a timeout answers nil and timeout, and takes no permit", function()
  local semaphore = green.Semaphore(0)
  local start = green.now()
  check.list(table.pack(semaphore:acquire(2)), { nil, "timeout", n = 2 })
  check.equal(green.now() - start, 2.0)
  semaphore:release()
  check.equal(semaphore.count, 1)
end)

fact("a cancelled waiter takes no permit", function()
  local semaphore = green.Semaphore(0)
  local waiter = green.spawn(semaphore.acquire, semaphore)
  check.settle()
  waiter:cancel()
  semaphore:release()
  check.equal(semaphore.count, 1)
  check.raises("cancelled", wait, waiter)
end)

fact("a waiter cancelled after its wake has the permit, and is told at its next wait", function()
  local semaphore, got = green.Semaphore(0), nil
  local waiter = green.spawn(function()
    got = semaphore:acquire()
    local ok, err = pcall(green.sleep, 10)
    semaphore:release()
    error(err, 0)
  end)
  check.settle()
  semaphore:release()
  check.equal(waiter:cancel(), true)
  check.raises("cancelled", wait, waiter)
  check.equal(got, true)
  check.equal(semaphore.count, 1)
end)

fact("any green may release, and the count may grow past the start", function()
  local semaphore = green.Semaphore(1)
  semaphore:release(5)
  check.equal(semaphore.count, 6)
end)

fact("arguments are checked", function()
  check.raises("whole number from 0 up", green.Semaphore, -1)
  check.raises("whole number from 0 up", green.Semaphore, 1.5)
  check.raises("whole number from 0 up", green.Semaphore, "1")
  local semaphore = green.Semaphore(0)
  check.raises("whole number from 1 to 1000000", semaphore.release, semaphore, 0)
  check.raises("whole number from 1 to 1000000", semaphore.release, semaphore, 1.5)
  check.raises("number of seconds", semaphore.acquire, semaphore, "1")
  check.raises("Semaphore expected", semaphore.acquire, {})
  check.raises("cannot set field 'count'", function() semaphore.count = 1 end)
end)

main_fact("outside a green a free permit can be had, waiting cannot", function()
  local semaphore = green.Semaphore(1)
  check.equal(semaphore:acquire(), true)
  check.list(table.pack(semaphore:acquire(0)), { nil, "timeout", n = 2 })
  check.raises("cannot wait on the main coroutine", semaphore.acquire, semaphore)
  semaphore:release()
  check.equal(semaphore.count, 1)
end)
