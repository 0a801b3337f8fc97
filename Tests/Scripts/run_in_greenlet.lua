-- `run_in_greenlet`: contract 1.2, and its defect.
local check = require "support.check"
local green = require "green"
local fact, main_fact = check.fact, check.main_fact

local function soon(...)
  return green.spawn(function(...)
    green.sleep(1)
    return ...
  end, ...)
end

fact("calling the function gives a future of its result", function()
  local add = run_in_greenlet(function(a, b) return a + wait(soon(b)) end)
  local future = add(1, 2)
  check.equal(future:done(), false)
  check.equal(wait(future), 3)
end)

fact("each call runs in a green of its own, which is no pool worker", function()
  local pool = GreenPool(1)
  local look = run_in_greenlet(function() return green.current(), pool.in_green_worker end)
  local first, inside = wait(look())
  local second = wait(look())
  check.differ(first, second)
  check.differ(first, green.current())
  check.equal(inside, false)
end)

fact("inside a pool worker, too, it is a green of its own", function()
  local pool = GreenPool(1)
  local look = run_in_greenlet(function() return pool.in_green_worker end)
  check.list(table.pack(wait(pool:submit(function() return pool.in_green_worker, wait(look()) end))), { true, false })
end)

fact("a wait for a plain value does not end the run: the original's defect", function()
  local run = run_in_greenlet(function()
    check.equal(wait(5), 5)
    check.equal(wait(nil), nil)
    return wait(soon("to the end"))
  end)
  check.equal(wait(run()), "to the end")
end)

fact("an error comes out of the future, and a traceback of the user's lines can be had", function()
  local function inner() local t = nil; return t.x end
  local run = run_in_greenlet(function()
    local ok, trace = xpcall(inner, debug.traceback)
    check.equal(ok, false)
    error(trace, 0)
  end)
  local err = check.raises("attempt to index a nil value", wait, run())
  check.truthy(err:find("run_in_greenlet.lua:%d+: in"), err)
end)

fact("an error is catchable where the function waits", function()
  local run = run_in_greenlet(function()
    local ok, err = pcall(wait, green.spawn(error, "boom", 0))
    return ok, err, wait(soon("after"))
  end)
  check.list(table.pack(wait(run())), { false, "boom", "after" })
end)

fact("a future that the function returns is waited for", function()
  check.equal(wait(run_in_greenlet(function() return soon("x") end)()), "x")
end)

fact("many calls run at once", function()
  local run = run_in_greenlet(function(i)
    green.sleep(10)
    return i
  end)
  local start, futures = green.now(), {}
  for i = 1, 50 do
    futures[i] = run(i)
  end
  for i, value in ipairs(green.gather(futures)) do
    check.equal(value, i)
  end
  check.equal(green.now() - start, 10.0)
end)

fact("what is no function is refused where it is given", function()
  local err = check.raises("bad argument #1 to 'run_in_greenlet' %(function expected, got number%)", run_in_greenlet, 5)
  check.equal(type(err), "string")
  check.raises("run_in_greenlet.lua:%d+: bad argument", function() run_in_greenlet(nil) end)
end)

main_fact("outside a green the call gives a future that runs later", function()
  local order = {}
  local run = run_in_greenlet(function(x)
    order[#order + 1] = x
    return x
  end)
  local future = run("ran")
  order[#order + 1] = "called"
  return function()
    check.list(order, { "called", "ran" })
    check.equal(future:result(), "ran")
  end
end)
