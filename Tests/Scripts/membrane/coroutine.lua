-- What the coroutine library does (manual 6.2), as scenarios that name no library: the runner gives each one a library
-- and a `pause`, and compares. With Lua's own library `pause` does nothing; with Greenhouse's it does nothing on the
-- main coroutine, and parks on a green. The outcome must be the same: to a script, a park is invisible.
local scenarios = {}

local function scenario(name, body)
  scenarios[#scenarios + 1] = {name = name, body = body}
end

scenario("create wants a function", function(co)
  return {pcall(co.create)}, {pcall(co.create, 1)}, {pcall(co.create, {})}, {pcall(co.create, "f")}
end)

scenario("wrap wants a function", function(co)
  return {pcall(co.wrap)}, {pcall(co.wrap, nil)}, {pcall(co.wrap, setmetatable({}, {__call = print}))}
end)

scenario("resume, status, close and isyieldable want a coroutine", function(co)
  local texts = {}
  for _, name in ipairs {"resume", "status", "close"} do
    for _, value in ipairs {1, "x", {}, print} do
      texts[#texts + 1] = select(2, pcall(co[name], value))
    end
    texts[#texts + 1] = select(2, pcall(co[name]))
    texts[#texts + 1] = select(2, pcall(co[name], nil))
  end
  texts[#texts + 1] = select(2, pcall(co.isyieldable, 1))
  texts[#texts + 1] = select(2, pcall(co.isyieldable, nil))
  return texts
end)

scenario("values go in and out", function(co, pause)
  local thread = co.create(function(...)
    pause()
    local a, b, c = co.yield(select("#", ...), ...)
    pause()
    local list = table.pack(co.yield(c, b, a))
    pause()
    return list.n, table.unpack(list, 1, list.n)
  end)
  local out = {}
  out[1] = table.pack(co.resume(thread, 1, nil, 3))
  out[2] = table.pack(co.resume(thread, "a", "b", nil))
  out[3] = table.pack(co.resume(thread))
  out[4] = table.pack(co.resume(thread))
  return out[1], out[2], out[3], out[4]
end)

scenario("resume reports errors of any type", function(co, pause)
  local values = {"text", 42, true, {1, 2}, false}
  local out = {}
  for index, value in ipairs(values) do
    local thread = co.create(function() pause() error(value, 0) end)
    local ok, got = co.resume(thread)
    out[#out + 1] = {ok, rawequal(got, value), co.status(thread), {co.resume(thread)}}
    out[#out + 1] = {co.status(thread), {co.close(thread)}, co.status(thread)}
  end
  local ok, got = co.resume(co.create(function() pause() error() end))
  return ok, got, table.unpack(out)
end)

scenario("an error has the position of where it was raised", function(co, pause)
  return co.resume(co.create(function()
    pause()
    error("here")
  end))
end)

scenario("wrap prefixes a text error with the caller's position", function(co, pause)
  local inner = co.wrap(function() pause() error("inner") end)
  local bare = co.wrap(function() pause() error("bare", 0) end)
  return {pcall(function() inner() end)}, {pcall(function() bare() end)},
    {pcall(co.wrap(function() error("direct") end))}
end)

scenario("wrap gives on errors that are no texts as they are", function(co, pause)
  local value = setmetatable({}, {__tostring = function() return "object" end})
  local ok, got = pcall(co.wrap(function() pause() error(value) end))
  return ok, rawequal(got, value), {pcall(co.wrap(function() pause() error(nil) end))}
end)

scenario("errors go through nested wraps, one prefix each", function(co, pause)
  local function nest(depth)
    return co.wrap(function()
      pause()
      if depth == 0 then error("bottom") end
      nest(depth - 1)()
    end)
  end
  return pcall(nest(4))
end)

scenario("a dead coroutine cannot be resumed", function(co, pause)
  local thread = co.create(function() pause() return "end" end)
  local wrapped = co.wrap(function() pause() end)
  wrapped()
  return {co.resume(thread)}, {co.resume(thread)}, co.status(thread), {pcall(function() wrapped() end)}
end)

scenario("a coroutine cannot resume itself, nor whoever resumed it", function(co, pause)
  local outer, inner, wrapped
  outer = co.create(function()
    inner = co.create(function()
      pause()
      return {co.resume(outer)}, {co.resume(inner)}, co.status(outer), co.status(inner)
    end)
    return co.resume(inner)
  end)
  wrapped = co.wrap(function() pause() return pcall(wrapped) end)
  return {co.resume(outer)}, {wrapped()}
end)

scenario("status tells suspended, running, normal and dead", function(co, pause)
  local seen, thread = {}, nil
  thread = co.create(function()
    pause()
    seen[#seen + 1] = co.status(thread)
    co.wrap(function() pause() seen[#seen + 1] = co.status(thread) end)()
    co.yield()
    pause()
  end)
  seen[#seen + 1] = co.status(thread)
  co.resume(thread)
  seen[#seen + 1] = co.status(thread)
  co.resume(thread)
  seen[#seen + 1] = co.status(thread)
  return seen
end)

scenario("running tells the main coroutine from others", function(co, pause)
  local main, isMain = co.running()
  local thread
  thread = co.create(function()
    pause()
    local current, inner = co.running()
    return rawequal(current, thread), inner
  end)
  return type(main), isMain, co.status(main), co.resume(thread)
end)

scenario("the main coroutine can be neither resumed, closed nor yielded from", function(co, pause)
  local main = co.running()
  local function try()
    pause()
    return {co.resume(main)}, {pcall(co.close, main)}, co.status(main), co.isyieldable(main)
  end
  return {try()}, {co.resume(co.create(try))}, {pcall(co.yield, 1)}, co.isyieldable()
end)

scenario("isyieldable is true inside, and false below a C function that cannot be left", function(co, pause)
  local seen = {}
  local thread = co.create(function()
    pause()
    seen[1] = co.isyieldable()
    table.sort({2, 1}, function(a, b)
      seen[2] = co.isyieldable()
      seen[3] = {pcall(co.yield)}
      return a < b
    end)
    pcall(function() pause() seen[4] = co.isyieldable() end)
  end)
  local before = co.isyieldable(thread)
  co.resume(thread)
  return before, seen
end)

scenario("generators", function(co, pause)
  local function upTo(n)
    return co.wrap(function()
      for i = 1, n do
        pause()
        co.yield(i, i * i)
      end
    end)
  end
  local sum = 0
  for i, square in upTo(10) do
    pause()
    for j in upTo(3) do sum = sum + square * j end
  end
  return sum
end)

scenario("yields go through pcall, metamethods and iterators", function(co, pause)
  local object = setmetatable({}, {
    __index = function(_, key) pause() return co.yield("index " .. key) end,
    __add = function(a, b) pause() return co.yield("add") end,
    __call = function(_, x) pause() return co.yield("call " .. x) end,
    __lt = function() pause() return co.yield("lt") end,
    __concat = function() pause() return co.yield("concat") end,
    __eq = function() pause() return co.yield("eq") end,
    __len = function() pause() return co.yield("len") end,
    __newindex = function(_, k, v) pause() co.yield("newindex " .. k .. v) end,
    __close = function() pause() co.yield("close") end,
  })
  local other = setmetatable({}, getmetatable(object))
  local thread = co.create(function()
    local ok, results = pcall(function()
      local guard <close> = object
      object.z = 1
      local r = {object.a, object + 1, object(7), object < other, object .. "x", object == other, #object}
      for value in function(_, last) pause() return co.yield("next", last) end do r[#r + 1] = value end
      return r
    end)
    pause()
    return ok, results
  end)
  local log, value = {}, 0
  while co.status(thread) ~= "dead" do
    value = value + 1
    log[#log + 1] = table.pack(co.resume(thread, value < 12 and value or nil))
  end
  return log
end)

scenario("close of a suspended coroutine closes its variables", function(co, pause)
  local closed = {}
  local function guard(name)
    return setmetatable({}, {__close = function(_, e) closed[#closed + 1] = name .. " " .. tostring(e) end})
  end
  local thread = co.create(function()
    local a <close> = guard("a")
    pause()
    local b <close> = guard("b")
    co.yield()
  end)
  co.resume(thread)
  pause()
  return co.close(thread), co.status(thread), closed, {co.close(thread)}, {co.resume(thread)}
end)

scenario("close gives on what closing raises", function(co, pause)
  local thread = co.create(function()
    local a <close> = setmetatable({}, {__close = function(_, e) error("again " .. tostring(e), 0) end})
    local b <close> = setmetatable({}, {__close = function() error({"first"}, 0) end})
    pause()
    co.yield()
  end)
  co.resume(thread)
  local ok, message = co.close(thread)
  return ok, (message:gsub("0x%x+", "address")), co.status(thread), {co.close(thread)}
end)

scenario("a failed coroutine closes its variables: at once in wrap, by close after resume", function(co, pause)
  local closed = {}
  local function body()
    local a <close> = setmetatable({}, {__close = function(_, e) closed[#closed + 1] = tostring(e) end})
    pause()
    error("broken", 0)
  end
  local inWrap = {pcall(co.wrap(body))}
  local before = #closed
  local thread = co.create(body)
  local resumed = {co.resume(thread)}
  local between = #closed
  return inWrap, before, resumed, between, {co.close(thread)}, closed, co.status(thread)
end)

scenario("an error while closing takes the place of the first in wrap", function(co, pause)
  return pcall(co.wrap(function()
    local a <close> = setmetatable({}, {__close = function(_, e) error("second after " .. e, 0) end})
    pause()
    error("first", 0)
  end))
end)

scenario("close of a coroutine that never began, a running and a normal one", function(co, pause)
  local thread = co.create(print)
  local running = co.create(function() pause() return pcall(co.close, (co.running())) end)
  local outer
  outer = co.create(function()
    return co.resume(co.create(function() pause() return pcall(co.close, outer) end))
  end)
  return {co.close(thread)}, co.status(thread), {co.resume(running)}, {co.resume(outer)}
end)

scenario("a coroutine moves between resumers", function(co, pause)
  local thread = co.create(function()
    for i = 1, 4 do pause() co.yield(i) end
    return "done"
  end)
  local function step() pause() return select(2, co.resume(thread)) end
  local a, b = co.wrap(function() while true do co.yield(step()) end end), co.wrap(step)
  return step(), a(), b(), a(), a(), a()
end)

scenario("many values in and out", function(co, pause)
  local thread = co.create(function(...)
    pause()
    return select("#", co.yield(...)), select("#", ...)
  end)
  local n = select("#", co.resume(thread, table.unpack({}, 1, 5000)))
  return n, co.resume(thread, table.unpack({}, 1, 3000))
end)

scenario("recursion of coroutines ends with an error, not a crash", function(co, pause)
  local function deeper(n)
    local ok, result = co.resume(co.create(deeper), n + 1)
    if ok then return result end
    return (tostring(result):gsub("^.*: ", ""))
  end
  return deeper(1)
end)

scenario("the library has Lua's functions", function(co)
  local names = {}
  for name, value in pairs(co) do names[#names + 1] = name .. " " .. type(value) end
  table.sort(names)
  return names
end)

-- Values as text: what two runs are compared by. Lists and records only; no cycles.
local function show(value)
  if type(value) ~= "table" or (getmetatable(value) or {}).__tostring then
    return type(value) == "string" and string.format("%q", value) or tostring(value)
  end
  local keys, parts = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do parts[#parts + 1] = tostring(key) .. "=" .. show(value[key]) end
  return "{" .. table.concat(parts, " ") .. "}"
end

return {
  count = function() return #scenarios end,
  name = function(index) return scenarios[index].name end,
  run = function(index, library, pause)
    return show(table.pack(pcall(scenarios[index].body, library, pause)))
  end,
}
