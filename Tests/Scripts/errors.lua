-- Errors are never lost: a failed future that nobody looks at is logged once, with its traceback.
local check = require "support.check"
local green = require "green"
local fact = check.fact

local function collect()
  check.settle()
  collectgarbage()
  collectgarbage()
end

local function count(text, part)
  return select(2, text:gsub(part, ""))
end

fact("a failure nobody looks at is logged once, with its traceback", function()
  green.spawn(function()
    local function culprit() error("unseen failure") end
    culprit()
  end)
  collect()
  local log = harness:log()
  check.equal(count(log, "unseen failure"), 1, log)
  check.truthy(log:find("errors.lua:%d+: unseen failure"), log)
  check.truthy(log:find("stack traceback"), log)
  check.truthy(log:find("in upvalue 'culprit'") or log:find("in local 'culprit'"), log)
  collect()
  check.equal(harness:log(), "")
end)

fact("a failure that was waited for is not logged", function()
  pcall(wait, green.spawn(error, "seen", 0))
  collect()
  check.equal(harness:log(), "")
end)

fact("a failure that was asked for is not logged", function()
  local a, b = green.spawn(error, "seen", 0), green.spawn(error, "seen", 0)
  check.settle()
  pcall(a.result, a)
  b:exception()
  a, b = nil, nil
  collect()
  check.equal(harness:log(), "")
end)

fact("done() alone is no look at the failure", function()
  local future = green.spawn(error, "only asked whether done", 0)
  check.settle()
  check.equal(future:done(), true)
  future = nil
  collect()
  check.equal(count(harness:log(), "only asked whether done"), 1)
end)

fact("a failure is not logged while somebody may still look", function()
  local future = green.spawn(error, "later", 0)
  collect()
  check.equal(harness:log(), "")
  check.raises("later", wait, future)
end)

fact("a cancelled green is no failure", function()
  local future = green.spawn(green.sleep, 10)
  check.settle()
  future:cancel()
  future = nil
  collect()
  check.equal(harness:log(), "")
end)

fact("a waiter that was cancelled has not looked", function()
  local future = green.spawn(function()
    green.sleep(5)
    error("abandoned", 0)
  end)
  local waiter = green.spawn(wait, future)
  check.settle()
  waiter:cancel()
  check.raises("cancelled", wait, waiter)
  future = nil
  green.sleep(10)
  collect()
  check.equal(count(harness:log(), "abandoned"), 1)
end)

fact("a pool job's failure is logged like any other", function()
  GreenPool():submit(error, "job failed", 0)
  collect()
  check.equal(count(harness:log(), "job failed"), 1)
end)

fact("a callback's failure is logged", function()
  green.spawn(function() end):add_done_callback(function() error("callback failed", 0) end)
  collect()
  check.equal(count(harness:log(), "callback failed"), 1)
end)

fact("a promise that failed unseen is logged", function()
  green.future():set_error("broken promise")
  collect()
  check.equal(count(harness:log(), "broken promise"), 1)
end)

fact("error objects are logged by their text", function()
  green.spawn(error, setmetatable({}, { __tostring = function() return "object's text" end }))
  green.spawn(error, setmetatable({}, { __tostring = function() error("no text") end }))
  green.spawn(error, nil)
  collect()
  local log = harness:log()
  check.equal(count(log, "object's text"), 1, log)
  check.equal(count(log, "nobody looked at its future"), 3, log)
end)

fact("a stack overflow is logged, too", function()
  local future = green.spawn(function()
    local function deeper(n) return 1 + deeper(n + 1) end
    deeper(1)
  end)
  while not future:done() do
    green.sleep(0) -- it may take longer than a slice
  end
  future = nil
  collect()
  local log = harness:log()
  check.truthy(log:find("stack overflow"), log)
end)

fact("a stack overflow reaches its waiter, and the worker is good again", function()
  local pool = GreenPool(1)
  check.raises("stack overflow", wait, pool:submit(function()
    local function deeper(n) return 1 + deeper(n + 1) end
    deeper(1)
  end))
  check.equal(wait(pool:submit(function() return "good" end)), "good")
  check.equal(pool.workers, 1)
end)

fact("of several gathered failures the first is raised, the rest are logged", function()
  local function fail(text) return green.spawn(error, text, 0) end
  check.raises("one", green.gather, fail("one"), fail("two"))
  collect()
  local log = harness:log()
  check.equal(count(log, "one"), 0, log)
  check.equal(count(log, "two"), 1, log)
end)

fact("the log names the way through script-made coroutines", function()
  green.spawn(function()
    local co = coroutine.wrap(function()
      green.sleep(1)
      error("inside a coroutine")
    end)
    co()
  end)
  green.sleep(2)
  collect()
  check.truthy(harness:log():find("errors.lua:%d+: inside a coroutine"))
end)
