-- green.list(): every green that lives, and what it does.
local check = require "support.check"
local green = require "green"
local fact = check.fact

local function by_id(list)
  local found = {}
  for _, entry in ipairs(list) do
    found[entry.id] = entry
  end
  return found
end

local function line()
  return debug.getinfo(2, "l").currentline
end

fact("it names every green that lives, in the order of their starts", function()
  for _ = 1, 3 do
    green.spawn(green.sleep, 1)
  end
  wait(green.spawn(function() end))
  local list = green.list()
  check.equal(#list, 4)
  local me = green.current()
  check.equal(list[1].id, me.id)
  check.equal(list[1].name, me.name)
  for i = 2, 4 do
    check.truthy(list[i].id > list[i - 1].id)
  end
end)

fact("a green that waits says for what, and since when", function()
  local event = green.Event()
  green.spawn(function() event:wait() end)
  green.spawn(green.sleep, 100)
  check.settle()
  green.sleep(2.5)
  local list = green.list()
  check.equal(list[2].state, "parked")
  check.equal(list[2].waits_for, "an Event")
  check.equal(list[2].since, 2.5)
  check.equal(list[3].waits_for, "a sleep to end")
  event:set()
end)

fact("the green that asks runs, and one that has not begun is ready", function()
  green.spawn(function() end)
  local list = green.list()
  check.equal(list[1].state, "running")
  check.equal(list[1].since, 0.0)
  check.equal(list[1].waits_for, nil)
  check.equal(list[2].state, "ready")
  check.equal(list[2].at, nil)
end)

fact("it says where a green stands, where its function is, and who spawned it", function()
  local defined = line() + 1
  green.spawn(function()
    green.sleep(1)
  end)
  local ready = green.list()[2]
  check.equal(ready.defined:match(":(%d+)$"), tostring(defined))
  check.settle()
  local entry = green.list()[2]
  check.equal(entry.defined:match(":(%d+)$"), tostring(defined))
  check.equal(entry.at:match(":(%d+)$"), tostring(defined + 1))
  check.equal(entry.parent, green.current().id)
  check.equal(entry.spawned, nil)
end)

fact("where a green waits in coroutines of its own, the innermost place is told", function()
  local place = line() + 3
  green.spawn(function()
    coroutine.wrap(function()
      coroutine.resume(coroutine.create(function() green.sleep(1) end))
    end)()
  end)
  check.settle()
  check.equal(green.list()[2].at:match(":(%d+)$"), tostring(place))
end)

fact("a green whose function is no Lua function is listed, too", function()
  green.spawn(green.sleep, 1)
  check.settle()
  check.equal(green.list()[2].defined, "[C]")
end)

fact("with the option each has its traceback", function()
  check.equal(green.list()[1].traceback, nil)
  check.equal(green.list({})[1].traceback, nil)
  local function culprit() green.sleep(1) end
  green.spawn(function() culprit() end)
  check.settle()
  local list = by_id(green.list { traceback = true })
  for id, entry in pairs(list) do
    check.truthy(entry.traceback:find("stack traceback", 1, true), id)
  end
  check.truthy(green.list { traceback = true }[2].traceback:find("in upvalue 'culprit'", 1, true))
end)

fact("processor time is a number", function()
  check.equal(math.type(green.list()[1].cpu), "float")
end)

fact("options are a table", function()
  check.raises("bad argument #1 to 'green.list' %(table of options expected, got number 1%)", green.list, 1)
  check.raises("unknown option 'tracback': expected traceback", green.list, { tracback = true })
end)

check.main_fact("outside of any green it lists those that wait", function()
  check.equal(#green.list(), 0)
  local future = green.spawn(function() end)
  check.equal(green.list()[1].state, "ready")
  check.equal(green.list()[1].parent, nil)
  return function() wait(future) end
end)
