-- `pool:map` and `pool:imap`, and the traps that others fell into (contract, end of section 8).
local check = require "support.check"
local green = require "green"
local fact = check.fact

local function slow_double(x)
  green.sleep(10 - x)
  return x * 2
end

local function collect(iterator)
  local positions, values = {}, {}
  for position, value in iterator do
    positions[#positions + 1] = position
    values[#values + 1] = value
  end
  return positions, values
end

fact("map gives the results in order", function()
  check.list(GreenPool(3):map(slow_double, { 1, 2, 3, 4 }), { 2, 4, 6, 8 })
end)

fact("map of nothing is nothing", function()
  check.list(GreenPool():map(slow_double, {}), {})
end)

fact("map raises the first error in order, and the others still end", function()
  local pool, done = GreenPool(), 0
  check.raises("two", function()
    pool:map(function(x)
      if x == 2 then
        error("two", 0)
      end
      green.sleep(1)
      done = done + 1
    end, { 1, 2, 3 })
  end)
  green.sleep(2)
  check.equal(done, 2)
  check.equal(pool.idle, pool.workers)
end)

fact("map inside of a worker runs inline", function()
  local pool = GreenPool(1)
  check.list(wait(pool:submit(function() return pool:map(slow_double, { 1, 2 }) end)), { 2, 4 })
  check.equal(pool.workers, 1)
end)

fact("imap gives positions and values in order", function()
  local positions, values = collect(GreenPool(3):imap(slow_double, { 5, 1, 3 }))
  check.list(positions, { 1, 2, 3 })
  check.list(values, { 10, 2, 6 })
end)

fact("imap takes an iterator function", function()
  local _, values = collect(GreenPool(2):imap(string.upper, ("a b c"):gmatch("%a")))
  check.list(values, { "A", "B", "C" })
end)

fact("imap takes a generator that waits", function()
  local items = coroutine.wrap(function()
    for i = 1, 3 do
      green.sleep(1)
      coroutine.yield(i)
    end
  end)
  local _, values = collect(GreenPool(2):imap(slow_double, items))
  check.list(values, { 2, 4, 6 })
end)

fact("an empty imap ends, of a list and of an iterator", function()
  local pool = GreenPool()
  check.equal(#collect(pool:imap(slow_double, {})), 0)
  check.equal(#collect(pool:imap(slow_double, function() end)), 0)
  check.equal(pool.workers, 0)
end)

fact("an imap that has ended stays ended", function()
  local iterator = GreenPool():imap(slow_double, { 1 })
  check.equal(iterator(), 1)
  check.equal(iterator(), nil)
  check.equal(iterator(), nil)
end)

fact("imap has no more jobs under way than the pool has workers", function()
  local taken = 0
  local pool = GreenPool(2)
  local iterator = pool:imap(function(x) return x end, function()
    taken = taken + 1
    return taken <= 10 and taken or nil
  end)
  check.equal(taken, 0)
  iterator()
  check.equal(taken, 2)
  iterator()
  check.equal(taken, 3)
  check.equal(#collect(iterator), 8)
  check.equal(pool.workers, 2)
end)

fact("an item factory that raises strands nobody", function()
  local pool, done = GreenPool(2), 0
  local item = 0
  local iterator = pool:imap(function(x)
    green.sleep(1)
    done = done + 1
    return x
  end, function()
    item = item + 1
    if item == 2 then
      error("no more", 0)
    end
    return item <= 3 and item or nil
  end)
  check.raises("no more", iterator)
  green.sleep(2)
  check.equal(done, 1)
  check.list({ pool.workers, pool.idle, pool.queued }, { 1, 1, 0 })
  -- What was under way is not lost: the iterator goes on with it.
  local _, values = collect(iterator)
  check.list(values, { 1, 3 })
  wait(pool:shutdown(), { timeout = 1 })
end)

fact("a job that fails raises in its place, and the iterator goes on", function()
  local iterator = GreenPool(4):imap(function(x)
    if x == 2 then
      error("second", 0)
    end
    return x
  end, { 1, 2, 3 })
  check.list(table.pack(iterator()), { 1, 1 })
  check.raises("second", iterator)
  check.list(table.pack(iterator()), { 3, 3 })
  check.equal(iterator(), nil)
end)

fact("imap inside of a worker runs inline", function()
  local pool = GreenPool(1)
  local values = wait(pool:submit(function()
    local _, values = collect(pool:imap(slow_double, { 1, 2, 3 }))
    return values
  end))
  check.list(values, { 2, 4, 6 })
  check.equal(pool.workers, 1)
end)

fact("false is an item, and a value", function()
  local _, values = collect(GreenPool():imap(function(x) return not x end, { false, true, false }))
  check.list(values, { true, false, true })
end)

fact("what is no function is refused", function()
  check.raises("imap.lua:%d+: bad argument #2 to 'map'", function() GreenPool():map(5, {}) end)
  check.raises("imap.lua:%d+: bad argument #2 to 'imap'", function() GreenPool():imap(nil, {}) end)
end)
