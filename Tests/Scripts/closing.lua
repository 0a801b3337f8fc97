-- To-be-closed variables of a green that fails: closing them may wait, as it may inside pcall.
local check = require "support.check"
local green = require "green"
local fact = check.fact

-- A variable that waits for a tick when it is closed, and then notes its name and the error it was told.
local function closer(seen, name, problem)
  return setmetatable({}, { __close = function(_, err)
    green.sleep(1)
    seen[#seen + 1] = name .. ": " .. tostring(err)
    if problem then error(problem, 0) end
  end })
end

fact("closing may wait after a cancellation, and the green ends only then", function()
  local seen = {}
  local future = green.spawn(function()
    local _ <close> = closer(seen, "a")
    green.sleep(1e6)
  end)
  check.settle()
  local start = green.now()
  future:cancel()
  check.equal(future:done(), false)
  check.raises("cancelled", wait, future)
  check.equal(green.now() - start, 1.0)
  check.list(seen, { "a: cancelled" })
  check.equal(future:cancelled(), true)
end)

fact("closing may wait after an error, in calls inside one another, the last first", function()
  local seen = {}
  local function fall(n)
    local _ <close> = closer(seen, n)
    if n == 3 then error("boom", 0) end
    fall(n + 1)
  end
  check.raises("^boom", wait, green.spawn(fall, 1))
  check.list(seen, { "3: boom", "2: boom", "1: boom" })
end)

fact("an error of a closer takes the place of the error, also for those that are closed after it", function()
  local seen = {}
  local future = green.spawn(function()
    local _ <close> = closer(seen, "first")
    local _ <close> = closer(seen, "second", "worse")
    local _ <close> = closer(seen, "third")
    error("bad", 0)
  end)
  check.raises("^worse", wait, future)
  check.list(seen, { "third: bad", "second: bad", "first: worse" })
end)

fact("the error is the same value, and its traceback that of the failed call", function()
  local problem = setmetatable({}, { __tostring = function() return "mine" end })
  local future = green.spawn(function()
    local _ <close> = closer({}, "a")
    local function inner() error(problem) end
    inner()
  end)
  check.equal(select(2, pcall(wait, future)), problem)
  check.truthy(future:traceback():find("closing.lua:%d+: in local 'inner'"), future:traceback())
  check.truthy(future:traceback():find("spawned by", 1, true), future:traceback())
end)

fact("what a closer uses of the failed calls is as they left it", function()
  local seen
  local future = green.spawn(function()
    local count = 1
    local function add() count = count + 1 end
    local _ <close> = setmetatable({}, { __close = function()
      green.sleep(1)
      add()
      seen = count
    end })
    count = 10
    error("x", 0)
  end)
  check.raises("^x", wait, future)
  check.equal(seen, 11)
end)

fact("a closer is in its green, and has the lock that the green holds", function()
  local lock, inside, held = GreenLock(), nil, nil
  local future = green.spawn(function()
    local own = green.current()
    local _ <close> = setmetatable({}, { __close = function()
      green.sleep(1)
      inside, held = green.current() == own, lock:locked() == own
      lock:release()
    end })
    lock:acquire()
    error("x", 0)
  end)
  check.raises("^x", wait, future)
  check.equal(inside, true)
  check.equal(held, true)
  check.equal(lock:locked(), nil)
end)

fact("what is to be closed is closed though a cancellation has come that met no wait", function()
  local closed, event = false, green.Event()
  local future = green.spawn(function()
    local _ <close> = setmetatable({}, { __close = function() closed = true end })
    event:wait()
    error("x", 0)
  end)
  check.settle()
  event:set()
  future:cancel()
  pcall(wait, future)
  check.equal(closed, true)
end)

fact("a timeout around a closer counts", function()
  local seen = {}
  local future = green.spawn(function()
    local _ <close> = closer(seen, "outer")
    local _ <close> = setmetatable({}, { __close = function() green.timeout(2, green.sleep, 1e6) end })
    error("x", 0)
  end)
  check.equal(select(2, pcall(wait, future)), green.timed_out)
  check.list(seen, { "outer: timeout" })
end)

fact("a variable whose __close was taken away is an error, and the others are closed", function()
  local seen = {}
  local future = green.spawn(function()
    local _ <close> = closer(seen, "outer")
    local mt = { __close = function() end }
    local _ <close> = setmetatable({}, mt)
    mt.__close = nil
    error("x", 0)
  end)
  check.raises("attempt to call a nil value", wait, future)
  check.equal(#seen, 1)
end)

fact("many closers, of a deep recursion, are closed in order", function()
  local order = {}
  local function fall(n)
    local _ <close> = setmetatable({}, { __close = function()
      if n % 50 == 0 then green.sleep(1) end
      order[#order + 1] = n
    end })
    if n == 1000 then error("deep", 0) end
    return (fall(n + 1))
  end
  check.raises("^deep", wait, green.spawn(fall, 1))
  check.equal(#order, 1000)
  for i = 1, 1000 do check.equal(order[i], 1001 - i) end
end)

fact("the worker of what was closed serves the next run", function()
  local pool, seen = GreenPool(1), {}
  local failed = pool:submit(function()
    local _ <close> = closer(seen, "a")
    error("x", 0)
  end)
  local next_one = pool:submit(function() return #seen end)
  check.raises("^x", wait, failed)
  check.equal(wait(next_one), 1)
end)
