-- `green.gather` and `green.race`.
local check = require "support.check"
local green = require "green"
local fact = check.fact

local function after(seconds, ...)
  return green.spawn(function(...)
    green.sleep(seconds)
    return ...
  end, ...)
end

local function failing(seconds, value)
  return green.spawn(function()
    green.sleep(seconds)
    error(value, 0)
  end)
end

fact("gather gives first values in order, whoever ends first", function()
  check.list(table.pack(green.gather(after(3, "a", "dropped"), after(1, "b"), after(2, "c"))), { "a", "b", "c" })
end)

fact("gather of a list gives a list", function()
  check.list(green.gather({ after(2, 1), after(1, 2) }), { 1, 2 })
end)

fact("gather takes functions, too, and runs them at once", function()
  local start = green.now()
  local function nap() green.sleep(5) return "nap" end
  check.list({ green.gather(nap, nap, after(1, "x")) }, { "nap", "nap", "x" })
  check.equal(green.now() - start, 5.0)
end)

fact("gather of nothing is nothing", function()
  check.equal(select("#", green.gather()), 0)
  check.list(green.gather({}), {})
end)

fact("gather keeps the places of nils", function()
  check.list(table.pack(green.gather(after(1), after(1, 2), after(1, nil))), { nil, 2, nil, n = 3 })
end)

fact("gather of what is done already does not wait", function()
  local a, b = after(1, 1), after(1, 2)
  wait(a)
  wait(b)
  local start = green.now()
  check.list({ green.gather(a, b) }, { 1, 2 })
  check.equal(green.now(), start)
end)

fact("gather raises the first failure at once, and the others go on", function()
  local start, slow = green.now(), after(10, "slow")
  check.raises("early", green.gather, slow, failing(1, "early"))
  check.equal(green.now() - start, 1.0)
  check.equal(wait(slow), "slow")
end)

fact("gather of a cancelled future raises cancelled", function()
  local future = after(5)
  green.spawn(function() future:cancel() end)
  check.equal(check.raises("cancelled", green.gather, after(10), future), green.cancelled)
end)

fact("the same future may be gathered twice", function()
  local future = after(1, "x")
  check.list({ green.gather(future, future) }, { "x", "x" })
end)

fact("gather of a thousand greens gives a thousand results", function()
  local list = {}
  for i = 1, 1000 do
    list[i] = after(i % 10, i)
  end
  for i, value in ipairs(green.gather(list)) do
    check.equal(value, i)
  end
end)

fact("race gives all values of the first that is done; the others go on", function()
  local start, slow = green.now(), after(5, "slow")
  check.list(table.pack(green.race(slow, after(1, "fast", 2))), { "fast", 2 })
  check.equal(green.now() - start, 1.0)
  check.equal(wait(slow), "slow")
end)

fact("race raises when the first that is done failed", function()
  check.raises("first", green.race, after(5), failing(1, "first"))
end)

fact("race takes lists and functions", function()
  check.equal(green.race({ after(5), function() return "function" end }), "function")
end)

fact("of several that are done already race takes the first in order", function()
  local a, b = after(2, "a"), after(1, "b")
  wait(a)
  check.equal(green.race(a, b), "a")
end)

fact("race of nothing is an error", function()
  check.raises("gather_race.lua:%d+: bad argument #1 to 'race'", function() green.race() end)
  check.raises("at least one future", green.race, {})
end)

fact("what is neither future nor function is refused by name", function()
  check.raises("gather_race.lua:%d+: bad argument #2 to 'gather' %(future or function expected, got number%)",
    function() green.gather(after(0), 5) end)
  check.raises("future expected, got userdata", green.gather, GreenLock())
end)

fact("cancelling the green that gathers leaves the gathered alone", function()
  local slow = after(5, "unharmed")
  local gatherer = green.spawn(green.gather, slow)
  check.settle()
  gatherer:cancel()
  check.raises("cancelled", wait, gatherer)
  check.equal(wait(slow), "unharmed")
end)

fact("gather and race of futures that give futures go to the end", function()
  local inner = after(2, "inner")
  check.equal(green.gather(function() return inner end), "inner")
end)
