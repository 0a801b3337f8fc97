-- `green.current()` and the handles it gives.
local check = require "support.check"
local green = require "green"
local fact, main_fact = check.fact, check.main_fact

fact("a green has one handle for its whole run", function()
  local me = green.current()
  green.sleep(1)
  check.equal(green.current(), me)
  coroutine.wrap(function() check.equal(green.current(), me) end)()
  local set = { [me] = true }
  check.equal(set[green.current()], true)
end)

fact("each run has a handle of its own, though the worker is the same", function()
  local pool = GreenPool(1)
  local first = wait(pool:submit(green.current))
  local second = wait(pool:submit(green.current))
  check.differ(first, second)
  check.truthy(first.id < second.id)
end)

fact("a handle has an id, a name and a text", function()
  local me = green.current()
  check.equal(math.type(me.id), "integer")
  check.equal(me.name, "green " .. me.id)
  check.equal(tostring(me), me.name)
  check.raises("cannot set field 'name'", function() me.name = "x" end)
end)

fact("the state of a green is told while it runs, waits, and has ended", function()
  check.equal(green.current().state, "running")
  local handle
  local future = green.spawn(function()
    handle = green.current()
    green.sleep(1)
  end)
  check.settle()
  check.equal(handle.state, "parked")
  wait(future)
  check.equal(handle.state, "ended")
  wait(green.spawn(function() check.equal(handle.state, "ended") end))
end)

fact("a green that is woken is ready until it runs", function()
  local event, handle = green.Event(), nil
  local future = green.spawn(function()
    handle = green.current()
    event:wait()
  end)
  check.settle()
  event:set()
  check.equal(handle.state, "ready")
  wait(future)
end)

fact("an inline submit is the same green", function()
  local pool = GreenPool(1)
  check.equal(wait(pool:submit(function()
    local me = green.current()
    return pool:submit(green.current) == me
  end)), true)
end)

main_fact("outside a green there is no current one", function()
  check.equal(green.current(), nil)
end)
