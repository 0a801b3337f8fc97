-- `submit` inside of a worker of the same pool runs inline: contract 1.3, narrowed.
local check = require "support.check"
local pools = require "support.pools"
local green = require "green"
local fact = check.fact
local counts, sleeper = pools.counts, pools.sleeper

fact("inside a worker submit runs inline and gives values, not a future", function()
  local pool = GreenPool()
  local future = pool:submit(function()
    local me = green.current()
    return pool:submit(function(a, b) return a + b, green.current() == me end, 1, 2)
  end)
  check.list(table.pack(wait(future)), { 3, true })
  check.list(counts(pool), { 1, 1, 0 })
end)

-- The original ran it inline, too; then a pool could bound nothing that handlers do, since handlers are workers.
fact("inside a worker another pool's submit gives a future, and that pool bounds its jobs", function()
  local pool, other = GreenPool(), GreenPool(1)
  local start = green.now()
  wait(pool:submit(function()
    local one, two = other:submit(sleeper(1)), other:submit(sleeper(1))
    check.list(counts(other), { 1, 0, 1 })
    wait(one)
    wait(two)
  end))
  check.equal(green.now() - start, 2.0)
end)

fact("map and imap of another pool run its jobs side by side inside a worker", function()
  local pool, other = GreenPool(), GreenPool(5)
  local start = green.now()
  wait(pool:submit(function()
    check.list(other:map(function(n) green.sleep(1) return n end, { 1, 2, 3 }), { 1, 2, 3 })
    for position, value in other:imap(function(n) green.sleep(1) return n end, { 1, 2, 3 }) do
      check.equal(value, position)
    end
  end))
  check.equal(green.now() - start, 2.0)
end)

fact("an inline job's error is raised at the submit", function()
  local pool = GreenPool()
  check.list(table.pack(wait(pool:submit(function()
    return pcall(pool.submit, pool, error, "inline", 0)
  end))), { false, "inline" })
end)

fact("an inline job may wait, and a future it gives is waited for", function()
  local pool = GreenPool(1)
  local start = green.now()
  check.equal(wait(pool:submit(function()
    local one = pool:submit(function()
      green.sleep(1)
      return 1
    end)
    local two = pool:submit(function() return green.spawn(sleeper(2, 2)) end)
    return one + two
  end)), 3)
  check.equal(green.now() - start, 3.0)
end)

fact("an inline job that gives a failing future raises its error", function()
  local pool = GreenPool(1)
  check.raises("deep", wait, pool:submit(function()
    return pool:submit(function() return green.spawn(error, "deep", 0) end)
  end))
end)
