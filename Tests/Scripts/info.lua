-- green.info(): the figures of the host at this moment.
local check = require "support.check"
local green = require "green"

local function greens()
  return green.info().greens
end

check.fact("the figures are numbers", function()
  local info = green.info()
  check.equal(math.type(info.lua_memory), "integer")
  for _, name in ipairs { "live", "running", "ready", "parked", "idle" } do
    check.equal(math.type(info.greens[name]), "integer", name)
  end
end)

check.fact("a green that asks is the one that runs", function()
  local now = greens()
  check.equal(now.running, 1)
  check.equal(now.live, 1)
end)

check.main_fact("outside of any green none runs", function()
  local now = greens()
  check.equal(now.running, 0)
  check.equal(now.live, 0)
end)

check.fact("greens are ready, then parked, then idle", function()
  local event = green.Event()
  local futures = {}
  for i = 1, 3 do
    futures[i] = green.spawn(function() event:wait() end)
  end
  local before = greens()
  check.equal(before.ready, 3)
  check.equal(before.parked, 0)
  check.settle()
  local waiting = greens()
  check.equal(waiting.ready, 0)
  check.equal(waiting.parked, 3)
  check.equal(waiting.live, 4)
  event:set()
  green.gather(futures)
  local after = greens()
  check.equal(after.live, 1)
  check.equal(after.parked, 0)
  check.equal(after.idle, before.idle + 3)
end)

check.fact("workers are recycled, also those of pools", function()
  wait(green.spawn(function() end))
  local pool = GreenPool(1)
  local first = greens()
  wait(pool:submit(function() end))
  check.equal(greens().idle, first.idle)
  wait(pool:submit(function() end))
  check.equal(greens().idle, first.idle)
end)

check.fact("a job in a pool's line is no green yet", function()
  local pool = GreenPool(1)
  local first = pool:submit(green.sleep, 1)
  local second = pool:submit(green.sleep, 1)
  check.settle()
  check.equal(greens().live, 2)
  green.gather(first, second)
end)

check.fact("lua_memory follows what scripts hold", function()
  collectgarbage()
  local before = green.info().lua_memory
  local held = ("x"):rep(1000000)
  check.truthy(green.info().lua_memory >= before + #held)
  held = nil
  collectgarbage()
  collectgarbage()
  check.truthy(green.info().lua_memory < before + 100000)
end)

check.fact("each call gives a table of its own", function()
  local one = green.info()
  one.greens.live = -1
  check.differ(green.info(), one)
  check.equal(greens().live, 1)
end)
