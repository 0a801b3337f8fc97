-- What several scripts about pools use.
local green = require "green"

local pools = {}

--- Workers, idle ones and waiting jobs, as a list.
function pools.counts(pool)
  return { pool.workers, pool.idle, pool.queued }
end

--- A job that sleeps, and gives `value`.
function pools.sleeper(seconds, value)
  return function()
    green.sleep(seconds)
    return value
  end
end

return pools
