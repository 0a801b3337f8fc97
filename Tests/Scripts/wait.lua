-- `wait`: contract 1.1, and what the design adds to it.
local check = require "support.check"
local green = require "green"
local fact, main_fact = check.fact, check.main_fact

local function after(seconds, ...)
  local values = table.pack(...)
  return green.spawn(function()
    green.sleep(seconds)
    return table.unpack(values, 1, values.n)
  end)
end

local function failing(value)
  return green.spawn(function()
    green.sleep(1)
    error(value, 0)
  end)
end

fact("wait gives the value of a future", function()
  check.equal(wait(after(1, "done")), "done")
end)

fact("wait gives all values of a future, nils included", function()
  check.list(table.pack(wait(after(1, nil, 2, nil))), { nil, 2, nil, n = 3 })
end)

fact("wait gives nothing for a future of no values", function()
  check.equal(select("#", wait(after(1))), 0)
end)

fact("what is no future comes back unchanged", function()
  local list, fn, thread = {}, print, coroutine.create(print)
  for _, value in ipairs { 5, 0, "", "text", false, true, list, fn, thread, 1.5 } do
    check.equal(wait(value), value)
  end
  check.list(table.pack(wait(nil)), { nil, n = 1 })
end)

fact("a plain value makes no turn of the loop", function()
  local before = harness:turns()
  for i = 1, 100 do
    wait(i)
  end
  check.equal(harness:turns(), before)
end)

fact("a future that is done already is not parked for", function()
  local future = after(1, "x")
  wait(future)
  local before = harness:turns()
  check.equal(wait(future), "x")
  check.equal(harness:turns(), before)
end)

fact("wait without a value is an error", function()
  check.raises("bad argument #1 to '.*wait' %(value expected%)", wait)
end)

fact("a future of a future is waited for to the end", function()
  local inner = after(3, "innermost")
  local middle = after(2, inner)
  local outer = after(1, middle)
  check.equal(wait(outer), "innermost")
end)

fact("a settled future of a settled future is resolved at once", function()
  local inner, outer = green.future(), green.future()
  inner:set_result("deep", "er")
  outer:set_result(inner)
  local before = harness:turns()
  check.list(table.pack(wait(outer)), { "deep", "er" })
  check.equal(harness:turns(), before)
end)

fact("futures a hundred deep are resolved", function()
  local future = after(1, "bottom")
  for _ = 1, 100 do
    local outer = green.future()
    outer:set_result(future)
    future = outer
  end
  check.equal(wait(future), "bottom")
end)

fact("an error is raised at the wait, as the same value", function()
  local value = setmetatable({}, { __tostring = function() return "mine" end })
  check.equal(check.raises("mine", wait, failing(value)), value)
  check.equal(check.raises("text", wait, failing("text")), "text")
  check.equal(check.raises("nil", wait, failing(nil)), nil)
  check.equal(check.raises("false", wait, failing(false)), false)
end)

fact("an error of an inner future comes out of the outer one", function()
  check.equal(check.raises("inner", wait, after(1, failing("inner"))), "inner")
end)

fact("the green may wait again after an error", function()
  check.raises("first", wait, failing("first"))
  check.equal(wait(after(1, "second")), "second")
  check.raises("third", wait, failing("third"))
end)

fact("a type error of the job is delivered like any other", function()
  local future = green.spawn(function()
    local t = nil
    return t.x
  end)
  check.raises("attempt to index a nil value %(local 't'%)", wait, future)
end)

fact("every waiter of one future gets its value", function()
  local future = after(1, "shared")
  local waiters = {}
  for i = 1, 10 do
    waiters[i] = green.spawn(function()
      return wait(future)
    end)
  end
  for i = 1, 10 do
    check.equal(wait(waiters[i]), "shared")
  end
end)

fact("waiters of one future go on in the order they came", function()
  local future, order, waiters = after(1), {}, {}
  for i = 1, 5 do
    waiters[i] = green.spawn(function()
      wait(future)
      order[#order + 1] = i
    end)
  end
  green.gather(waiters)
  check.list(order, { 1, 2, 3, 4, 5 })
end)

fact("a cancelled future raises cancelled in the waiter, which goes on", function()
  local future = after(5)
  green.spawn(function()
    green.sleep(1)
    future:cancel()
  end)
  check.equal(check.raises("cancelled", wait, future), green.cancelled)
  check.equal(wait(after(1, "alive")), "alive")
end)

fact("a timeout raises timed_out and leaves the future alone", function()
  local future = after(5, "late")
  local start = green.now()
  check.equal(check.raises("timeout", wait, future, { timeout = 2 }), green.timed_out)
  check.equal(green.now() - start, 2.0)
  check.equal(future:done(), false)
  check.equal(wait(future), "late")
end)

fact("a timeout that does not come to pass changes nothing", function()
  check.equal(wait(after(1, "soon"), { timeout = 2 }), "soon")
  local start = green.now()
  green.sleep(5)
  check.equal(green.now() - start, 5.0)
end)

fact("a timeout covers futures of futures as a whole", function()
  local outer = after(1, after(100, "never"))
  local start = green.now()
  check.equal(check.raises("timeout", wait, outer, { timeout = 3 }), green.timed_out)
  check.equal(green.now() - start, 3.0)
end)

fact("a timeout of zero tells whether it is done", function()
  local future = after(1, "x")
  check.equal(check.raises("timeout", wait, future, { timeout = 0 }), green.timed_out)
  wait(future)
  check.equal(wait(future, { timeout = 0 }), "x")
end)

fact("a negative timeout, however large, counts as zero", function()
  local future = after(1)
  for _, timeout in ipairs { -1, -1e300, -math.huge } do
    check.equal(check.raises("timeout", wait, future, { timeout = timeout }), green.timed_out)
  end
end)

fact("an endless timeout is none", function()
  check.equal(wait(after(100, "x"), { timeout = math.huge }), "x")
  check.equal(wait(after(100, "x"), { timeout = 1e300 }), "x")
end)

fact("an option that there is not is refused", function()
  local future = green.spawn(function() return 5 end)
  check.raises("unknown option 'timout': expected timeout or must_be_child", wait, future, { timout = 3 })
  check.equal(wait(future, {}), 5)
  check.equal(wait(green.spawn(function() return 6 end), { must_be_child = false }), 6)
end)

fact("a timeout that is no number of seconds is refused", function()
  local future = after(1)
  for _, timeout in ipairs { "1", {}, true, 0 / 0 } do
    check.raises("timeout must be a number of seconds", wait, future, { timeout = timeout })
  end
  check.raises("bad argument #2 to '.*wait' %(table of options or boolean expected, got number 5%)", wait, future, 5)
end)

fact("a green cannot wait for its own future", function()
  local future
  future = green.spawn(function()
    wait(future)
  end)
  check.raises("a green cannot wait for its own future", wait, future)
end)

fact("must_be_child is accepted in a green, in both spellings", function()
  check.equal(wait(after(1, "a"), true), "a")
  check.equal(wait(after(1, "b"), { must_be_child = true }), "b")
  check.equal(wait(5, true), 5)
end)

main_fact("outside a green a future comes back as it is", function()
  local future = after(1, "x")
  check.equal(wait(future), future)
  check.equal(wait(future, false), future)
  check.equal(wait(future, { timeout = 1, must_be_child = false }), future)
  check.equal(wait(7), 7)
end)

main_fact("outside a green must_be_child raises, in both spellings", function()
  local future = after(1, "x")
  local message = "cannot wait on the main coroutine"
  check.raises(message, wait, future, true)
  check.raises(message, wait, future, { must_be_child = true })
  check.raises(message, wait, 5, true)
  check.raises(message, wait, nil, { must_be_child = true })
end)

main_fact("the error of a wait outside a green tells the line", function()
  local _, err = pcall(function() wait(5, true) end)
  check.truthy(tostring(err):find("wait.lua:%d+: cannot wait on the main coroutine"), tostring(err))
end)

fact("a wait below a C function is refused with a reason, not a crash", function()
  local future = after(1)
  check.raises("'time' %(a C function%) cannot be suspended", function()
    os.time(setmetatable({}, { __index = function() wait(future) end }))
  end)
  wait(future)
end)

fact("a wait in a finalizer is refused and harms nobody", function()
  local future, message = after(1), nil
  setmetatable({}, { __gc = function()
    local _, err = pcall(wait, future)
    message = tostring(err)
  end })
  collectgarbage()
  check.truthy(message:find("cannot wait here"), message)
  wait(future)
end)

fact("a future with no other holder than its waiter survives collections", function()
  local waiters = {}
  for i = 1, 20 do
    waiters[i] = green.spawn(function()
      return wait(after(1, i))
    end)
  end
  check.settle()
  collectgarbage()
  collectgarbage()
  for i = 1, 20 do
    check.equal(wait(waiters[i]), i)
  end
end)

fact("a job that gives a future leads to the future's value", function()
  check.equal(wait(green.spawn(function() return after(1, "end") end)), "end")
  check.raises("inner", wait, green.spawn(function() return failing("inner") end))
end)

fact("a job cannot end with its own future", function()
  local future
  future = green.spawn(function() return future end)
  check.raises("a green cannot wait for its own future", wait, future)
end)

fact("five hundred values pass through a future", function()
  local values = {}
  for i = 1, 500 do
    values[i] = i
  end
  check.list(table.pack(wait(after(1, table.unpack(values)))), values)
end)

fact("futures that are each other's results are an error, not an endless wait", function()
  local one = green.future()
  one:set_result(one)
  check.raises("never have one", wait, one)
  local first, second = green.future(), green.future()
  first:set_result(second)
  second:set_result(first)
  check.raises("never have one", wait, first)
  local pool = GreenPool()
  check.raises("never have one", wait, pool:submit(function()
    return pool:submit(function() return first end)
  end))
end)
