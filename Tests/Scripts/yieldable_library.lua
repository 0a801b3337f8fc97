-- Waiting inside the functions of the standard library that call back: the wait parks the green, others run meanwhile,
-- and the function goes on where it was. What the functions do otherwise is compared with Lua's own in
-- membrane/library.lua.
local check = require "support.check"
local green = require "green"
local fact = check.fact

local function tick(value)
  green.sleep(1)
  return value
end

-- How long `fn` waited, in ticks; others ran as long.
local function ticks(fn)
  local count, running = 0, true
  local other = green.spawn(function()
    while running do
      green.sleep(1)
      count = count + 1
    end
  end)
  local start = green.now()
  fn()
  local span = green.now() - start
  running = false
  green.wait(other)
  check.truthy(count >= span, "others ran " .. count .. " times in " .. span .. " ticks")
  return span
end

-- Tables that wait in each metamethod.
local function slow(list)
  return setmetatable({}, {
    __index = function(_, key) return tick(list[key]) end,
    __newindex = function(_, key, value)
      tick()
      list[key] = value
    end,
    __len = function() return tick(#list) end,
  })
end

fact("a comparator of table.sort may wait", function()
  local list, calls = { 5, 2, 4, 1, 3 }, 0
  local span = ticks(function()
    table.sort(list, function(a, b)
      calls = calls + 1
      return tick(a < b)
    end)
  end)
  check.list(list, { 1, 2, 3, 4, 5 })
  check.equal(span, calls + 0.0)
end)

fact("__lt may wait in table.sort", function()
  local mt = { __lt = function(a, b) return tick(a.key < b.key) end }
  local list = {}
  for i, key in ipairs { 3, 1, 2 } do
    list[i] = setmetatable({ key = key }, mt)
  end
  table.sort(list)
  check.list({ list[1].key, list[2].key, list[3].key }, { 1, 2, 3 })
end)

fact("__lt may wait in table.sort also for one element among numbers", function()
  local odd = setmetatable({}, { __lt = function(a, b)
    return tick((type(a) == "table" and 2.5 or a) < (type(b) == "table" and 2.5 or b))
  end })
  local list = { 4, 2, odd, 1, 3 }
  table.sort(list)
  check.list(list, { 1, 2, odd, 3, 4 })
end)

fact("metamethods may wait that a list is given while it is sorted", function()
  local kept = { 5, 2, 4, 1, 3 }
  local list = { 5, 2, 4, 1, 3 }
  table.sort(list, function(a, b)
    if getmetatable(list) == nil then
      for i = 1, #list do
        list[i] = nil
      end
      setmetatable(list, {
        __index = function(_, i) return tick(kept[i]) end,
        __newindex = function(_, i, value) kept[i] = tick(value) end,
      })
    end
    return a < b
  end)
  check.list(kept, { 1, 2, 3, 4, 5 })
end)

fact("two greens sort two lists at the same time", function()
  local function job(list)
    return green.spawn(function()
      table.sort(list, function(a, b) return tick(a < b) end)
      return table.concat(list, " ")
    end)
  end
  check.list(green.gather { job { 3, 1, 2 }, job { 9, 8, 7, 6 } }, { "1 2 3", "6 7 8 9" })
end)

fact("tables that wait in their metamethods are sorted, joined and changed", function()
  local base = { 3, 1, 2 }
  local list = slow(base)
  check.equal(ticks(function() table.insert(list, 4) end), 2.0)
  check.equal(ticks(function() table.insert(list, 1, 0) end), 10.0)
  check.list(base, { 0, 3, 1, 2, 4 })
  check.equal(table.remove(list, 2), 3)
  table.sort(list)
  check.list(base, { 0, 1, 2, 4 })
  check.equal(table.concat(list, ","), "0,1,2,4")
  check.list({ table.unpack(list) }, { 0, 1, 2, 4 })
  check.list(table.move(list, 1, 4, 2, {}), { nil, 0, 1, 2, 4, n = 5 })
end)

fact("ipairs waits in __index", function()
  local seen = {}
  for i, value in ipairs(slow { "a", "b" }) do
    seen[i] = value
  end
  check.list(seen, { "a", "b" })
end)

fact("__tostring waits in tostring, string.format and print", function()
  local object = setmetatable({}, { __tostring = function() return tick("an object") end })
  check.equal(ticks(function() check.equal(tostring(object), "an object") end), 1.0)
  check.equal(ticks(function()
    check.equal(("%s, %d, %12s"):format(object, 5, object), "an object, 5,    an object")
  end), 2.0)
  check.equal(ticks(function() print(object) end), 1.0)
end)

fact("a reader of load waits for its pieces", function()
  local pieces = { "return ", "6 ", "* 7" }
  local chunk
  check.equal(ticks(function()
    chunk = load(function() return tick(table.remove(pieces, 1)) end)
  end), 4.0)
  check.equal(chunk(), 42)
end)

fact("an error of a reader that waited is the result of load", function()
  local chunk, message = load(function()
    tick()
    error("no more", 0)
  end)
  check.equal(chunk, nil)
  check.equal(message, "no more")
end)

fact("a wait that is given up leaves the functions usable", function()
  for _ = 1, 3 do
    check.raises("timeout", green.timeout, 2, function()
      table.sort({ 3, 1, 2, 5, 4 }, function(a, b) return tick(a < b) end)
    end)
    local list = { 3, 1, 2 }
    table.sort(list, function(a, b) return a < b end)
    check.list(list, { 1, 2, 3 })
  end
end)

fact("where a wait is impossible the error names what is in the way", function()
  local late = setmetatable({}, { __index = function() return tick(1) end })
  check.raises("'time' %(a C function%) cannot be suspended", function() os.time(late) end)
  check.raises("'os.time' %(a C function%) cannot be suspended", os.time, late)
  local _, message = xpcall(error, function() return select(2, pcall(tick)) end, "x")
  check.truthy(message:find("a message handler cannot be suspended", 1, true), message)
  setmetatable({}, { __gc = function() message = select(2, pcall(tick)) end })
  collectgarbage()
  check.truthy(message:find("a __gc metamethod cannot be suspended", 1, true), message)
end)
