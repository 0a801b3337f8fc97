-- A hundred greens sleep side by side, in the time of one: greenhouse run examples/fanout/fanout.lua [greens [seconds]]
local green = require "green"

local count = tonumber(arg[1]) or 100
local seconds = tonumber(arg[2]) or 0.2

local function fetch(i) -- stands for anything that waits: a request, a query
  green.sleep(seconds)
  return i * i
end

local began = green.now()
local futures = {}
for i = 1, count do
  futures[i] = green.spawn(fetch, i)
end
local results = green.gather(futures)
local took = green.now() - began

local sum = 0
for _, result in ipairs(results) do
  sum = sum + result
end
print(("%d greens slept %.1f s each, side by side, in %.2f s (one after the other: %.1f s); sum %d"):format(
  count, seconds, took, count * seconds, sum))
assert(took < seconds * count / 2, "they did not run side by side")
