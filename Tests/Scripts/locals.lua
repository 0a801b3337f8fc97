-- `green.locals`: fields that belong to the green that uses them.
local check = require "support.check"
local green = require "green"
local fact, main_fact = check.fact, check.main_fact

fact("each green sees its own fields", function()
  local greens = {}
  green.locals.name = "outer"
  for i = 1, 5 do
    greens[i] = green.spawn(function()
      check.equal(green.locals.name, nil)
      green.locals.name = i
      green.sleep(1)
      return green.locals.name
    end)
  end
  check.list(green.gather(greens), { 1, 2, 3, 4, 5 })
  check.equal(green.locals.name, "outer")
end)

fact("a worker's next run does not see what the last one left", function()
  local pool = GreenPool(1)
  wait(pool:submit(function() green.locals.secret = "mine" end))
  check.equal(wait(pool:submit(function() return green.locals.secret end)), nil)
  check.equal(pool.workers, 1)
end)

fact("any value but nil is a key, and nil takes a field away", function()
  local key = {}
  green.locals[key], green.locals[1], green.locals[true] = "a", "b", "c"
  check.equal(green.locals[key], "a")
  check.equal(green.locals[1], "b")
  check.equal(green.locals[true], "c")
  green.locals[key] = nil
  check.equal(green.locals[key], nil)
  check.raises("index is nil", function() green.locals[nil] = 1 end)
end)

fact("a coroutine inside of a green shares the green's fields", function()
  green.locals.x = 1
  coroutine.wrap(function()
    check.equal(green.locals.x, 1)
    green.locals.x = 2
  end)()
  check.equal(green.locals.x, 2)
end)

fact("an inline submit shares the worker's fields", function()
  local pool = GreenPool(1)
  check.equal(wait(pool:submit(function()
    green.locals.x = "worker's"
    return pool:submit(function() return green.locals.x end)
  end)), "worker's")
end)

fact("what a green kept is given up when it ends", function()
  local weak = setmetatable({}, { __mode = "v" })
  wait(green.spawn(function()
    weak[1] = {}
    green.locals.held = weak[1]
    collectgarbage()
    check.truthy(weak[1])
  end))
  collectgarbage()
  check.equal(weak[1], nil)
end)

main_fact("outside a green there are none", function()
  check.raises("there is none here", function() return green.locals.x end)
  check.raises("there is none here", function() green.locals.x = 1 end)
end)
