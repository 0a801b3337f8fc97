-- The part of the `green` module that is written in Lua: it only combines what the natives offer, so nothing here
-- breaks when it is interrupted half-way.
local green, pool_methods, all, any = ...
local error, ipairs, select, table, tostring, type = error, ipairs, select, table, tostring, type

local function check_function(fn, position, name)
  if type(fn) ~= "function" then
    error(("bad argument #%d to '%s' (function expected, got %s)"):format(position, name, type(fn)), 3)
  end
end

--- A function that runs `fn` on a new green each time it is called, and returns the future of its result.
function green.run_in_greenlet(fn)
  check_function(fn, 1, "run_in_greenlet")
  return function(...)
    return green.spawn(fn, ...)
  end
end

-- Futures and functions, as one list or as arguments; functions are spawned.
local function futures_of(name, ...)
  local given = ...
  local is_list = type(given) == "table" and select("#", ...) == 1
  local items = is_list and given or table.pack(...)
  local futures = {}
  for i = 1, is_list and #items or items.n do
    local item = items[i]
    if type(item) == "function" then
      item = green.spawn(item)
    elseif type(item) ~= "userdata" then
      error(("bad argument #%d to '%s' (future or function expected, got %s)"):format(i, name, type(item)), 3)
    end
    futures[i] = item
  end
  return futures, is_list
end

--- Waits for all; their first values in order: as a list when a list was given, else as results.
-- Raises the error of the first that fails, as soon as it does; the others go on.
function green.gather(...)
  local futures, is_list = futures_of("gather", ...)
  local failed = green.wait(all(futures))
  if failed then
    futures[failed]:result()
  end
  local results = {}
  for i, future in ipairs(futures) do
    results[i] = (future:result())
  end
  if is_list then
    return results
  end
  return table.unpack(results, 1, #futures)
end

--- Waits for the first that is done, and gives its values or raises its error; the others go on.
function green.race(...)
  local futures = futures_of("race", ...)
  if #futures == 0 then
    error("bad argument #1 to 'race' (at least one future or function expected)", 2)
  end
  return futures[green.wait(any(futures))]:result()
end

--- `fn` of each item of a list, run by the pool; the first values in order.
function pool_methods.map(pool, fn, list)
  check_function(fn, 2, "map")
  if type(list) ~= "table" and type(list) ~= "userdata" then
    error(("bad argument #3 to 'map' (list expected, got %s)"):format(type(list)), 2)
  end
  local results = {}
  if pool.in_own_worker then
    for i = 1, #list do
      results[i] = fn(list[i])
    end
    return results
  end
  local futures = {}
  for i = 1, #list do
    futures[i] = pool:submit(fn, list[i])
  end
  for i, future in ipairs(futures) do
    results[i] = green.wait(future)
  end
  return results
end

--- The same as an iterator of position and value over a list, or over what an iterator function gives.
-- No more than the pool's workers are under way at once.
function pool_methods.imap(pool, fn, items)
  check_function(fn, 2, "imap")
  local position = 0
  local next_item = items
  if type(items) == "table" then
    local at = 0
    next_item = function()
      at = at + 1
      return items[at]
    end
  end
  if pool.in_own_worker then
    return function()
      local item = next_item()
      if item ~= nil then
        position = position + 1
        return position, (fn(item))
      end
    end
  end
  local under_way, first, last, ended = {}, 1, 0, false
  return function()
    while not ended and last - first + 1 < pool.max_workers do
      local item = next_item()
      if item == nil then
        ended = true
      else
        last = last + 1
        under_way[last] = pool:submit(fn, item)
      end
    end
    if first <= last then
      local future = under_way[first]
      under_way[first] = nil
      first = first + 1
      position = position + 1
      return position, (green.wait(future))
    end
  end
end

-- The text of an error value, for reports; nil when it has none.
return function(problem)
  local text = tostring(problem)
  if type(problem) == "table" and text:find("^table: ") then
    local message = problem.message
    return type(message) == "string" and message or nil
  end
  return text
end
