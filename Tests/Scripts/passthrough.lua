-- Waiting inside of script-made coroutines: the park passes through them (the original parks to the immediate parent).
local check = require "support.check"
local green = require "green"
local fact = check.fact

local function tick(value)
  green.sleep(1)
  return value
end

fact("a generator may wait between its yields", function()
  local got = {}
  for value in coroutine.wrap(function()
    for i = 1, 5 do
      coroutine.yield(tick(i))
    end
  end) do
    got[#got + 1] = value
  end
  check.list(got, { 1, 2, 3, 4, 5 })
end)

fact("the script's resume sees only the script's yields", function()
  local co = coroutine.create(function(a)
    local b = coroutine.yield(tick(a + 1))
    tick()
    return b + 1
  end)
  check.list(table.pack(coroutine.resume(co, 1)), { true, 2 })
  check.equal(coroutine.status(co), "suspended")
  check.list(table.pack(coroutine.resume(co, 10)), { true, 11 })
  check.equal(coroutine.status(co), "dead")
end)

fact("waits nested in coroutines at depth ten come through", function()
  local function nest(depth)
    if depth == 0 then
      return tick("bottom")
    end
    return coroutine.wrap(function()
      tick()
      return nest(depth - 1)
    end)()
  end
  local start = green.now()
  check.equal(nest(10), "bottom")
  check.equal(green.now() - start, 11.0)
end)

fact("many greens in generators of their own do not mix", function()
  local greens = {}
  for i = 1, 10 do
    greens[i] = green.spawn(function()
      local sum = 0
      for value in coroutine.wrap(function()
        for j = 1, 5 do
          green.sleep(i % 3)
          coroutine.yield(i * 100 + j)
        end
      end) do
        sum = sum + value
      end
      return sum
    end)
  end
  for i, sum in ipairs(green.gather(greens)) do
    check.equal(sum, 500 * i + 15)
  end
end)

fact("an error after a park comes out of resume, and through wrap", function()
  local co = coroutine.create(function()
    tick()
    error("late", 0)
  end)
  check.list(table.pack(coroutine.resume(co)), { false, "late" })
  check.raises("late", coroutine.wrap(function()
    tick()
    error("late", 0)
  end))
end)

fact("a failing future raises inside of the coroutine that waits for it", function()
  local caught
  coroutine.wrap(function()
    local ok, err = pcall(wait, green.spawn(error, "inner", 0))
    caught = err
  end)()
  check.equal(caught, "inner")
end)

fact("a coroutine whose code is parked is nobody else's to resume or close", function()
  local co = coroutine.create(function() return tick("mine") end)
  local owner = green.spawn(function() return coroutine.resume(co) end)
  check.settle()
  check.equal(coroutine.status(co), "normal")
  local ok, err = coroutine.resume(co)
  check.equal(ok, false)
  check.truthy(err:find("cannot resume non%-suspended coroutine"), err)
  check.raises("cannot close a normal coroutine", coroutine.close, co)
  check.list(table.pack(wait(owner)), { true, "mine" })
end)

fact("a coroutine begun in one green may go on in another", function()
  local step = coroutine.wrap(function()
    for i = 1, 4 do
      coroutine.yield(tick(i))
    end
  end)
  check.equal(step(), 1)
  check.equal(wait(green.spawn(step)), 2)
  check.equal(wait(GreenPool(1):submit(step)), 3)
  check.equal(step(), 4)
end)

fact("locks, queues and pools work from inside of coroutines", function()
  local lock, queue, pool = GreenLock(), green.Queue(1), GreenPool(1)
  local producer = green.spawn(coroutine.wrap(function()
    for i = 1, 3 do
      local _ <close> = lock:guard()
      queue:put(i)
    end
    queue:close()
  end))
  local got = {}
  for value in coroutine.wrap(function()
    for value in queue.get, queue do
      coroutine.yield(wait(pool:submit(tick, value)))
    end
  end) do
    got[#got + 1] = value
  end
  check.list(got, { 1, 2, 3 })
  wait(producer)
end)

fact("a wait inside of pcall inside of a coroutine inside of a metamethod comes through", function()
  local object = setmetatable({}, {
    __index = function(_, key)
      return coroutine.wrap(function()
        local ok, value = pcall(tick, key)
        return value
      end)()
    end,
    __add = function(_, other) return tick(other) end,
    __concat = function(_, other) return tick(other) end,
    __lt = function() return tick(true) end,
    __call = function(_, ...) return tick(...) end,
  })
  check.equal(object.field, "field")
  check.equal(object + 5, 5)
  check.equal(object .. "x", "x")
  check.equal(object < object, true)
  check.equal(object("called"), "called")
end)

fact("an iterator that waits may drive a for loop", function()
  local sum, n = 0, 0
  for value in function()
    n = n + 1
    return n <= 4 and tick(n) or nil
  end do
    sum = sum + value
  end
  check.equal(sum, 10)
end)

fact("where a C function is in the way the error says so, and the green goes on", function()
  local function late(fn)
    return setmetatable({}, { __index = fn })
  end
  check.raises("cannot wait here: 'time'", function() os.time(late(function() return tick(1) end)) end)
  check.raises("cannot wait here", function() os.time(late(function() coroutine.wrap(tick)() end)) end)
  check.equal(tick("on it goes"), "on it goes")
end)

fact("coroutine.running and isyieldable tell of the script's coroutine", function()
  coroutine.wrap(function()
    local co, main = coroutine.running()
    tick()
    check.equal(coroutine.running(), co)
    check.equal(main, false)
    check.equal(coroutine.isyieldable(), true)
  end)()
  check.equal(select(2, coroutine.running()), true)
end)
