-- What the functions of the standard library that may wait do (manual 6.1, 6.3, 6.4, 6.6), as scenarios: the runner
-- compares what they do in a state with Lua's own library, in one with Greenhouse's, and in a green that parks in each
-- `pause`, whose slice is over all the time. The outcome must be the same.
local scenarios = {}

local function scenario(name, body)
  scenarios[#scenarios + 1] = {name = name, body = body}
end

-- A deterministic source of numbers, the same on each side.
local function random(seed)
  local state = seed * 2654435761 % 4294967296
  return function(low, high)
    state = (state * 1664525 + 1013904223) % 4294967296
    return low + state // 65536 % (high - low + 1)
  end
end

-- A table whose elements are in another one, and reached by metamethods only; each use is noted.
local function proxy(list, pause, log)
  return setmetatable({}, {
    __index = function(_, key) pause() if log then log[#log + 1] = "get " .. tostring(key) end return list[key] end,
    __newindex = function(_, key, value)
      pause()
      if log then log[#log + 1] = "set " .. tostring(key) .. " " .. tostring(value) end
      list[key] = value
    end,
    __len = function() pause() if log then log[#log + 1] = "len" end return #list end,
  })
end

-- What a call does: its results, or its error.
local function try(fn, ...)
  return table.pack(pcall(fn, ...))
end

-- Calls by name and not through pcall directly, so that messages name the function as its caller does.
local calls = {
  insert = function(...) table.insert(...) end,
  remove = function(...) return (table.remove(...)) end,
  move = function(...) return (table.move(...)) end,
  concat = function(...) return (table.concat(...)) end,
  unpack = function(...) local a, b = table.unpack(...) return a, b end,
  sort = function(...) table.sort(...) end,
  tostring = function(...) local text = tostring(...) return (text:gsub("0x%x+", "0x")) end,
  ipairs = function(...) local a, b, c = ipairs(...) return b, c end,
  iterate = function(...) local iterate = ipairs {} local a, b = iterate(...) return a, b end,
  load = function(...) local f, message = load(...) return type(f), message end,
  require = function(...) return (require(...)) end,
  format = function(...) local text = string.format(...) return (text:gsub("0x%x+", "0x")) end,
  print = function(...) print(...) end,
}

local odd = {
  nil, false, 0, -1, 1, 2.0, 2.5, "2", "x", {}, {1, 2, 3}, {1, nil, 3}, print, math.maxinteger, math.mininteger,
  2^53, 1e300, 0/0,
}

scenario("arguments of every kind, in every number", function()
  local next_number = random(1)
  local out = {}
  for _, name in ipairs {"insert", "remove", "move", "concat", "unpack", "sort", "tostring", "ipairs", "iterate", "format"} do
    for _ = 1, 400 do
      local arguments = {n = next_number(0, 5)}
      for i = 1, arguments.n do
        -- Mostly a list first: otherwise hardly anything is reached but the first check.
        arguments[i] = i == 1 and next_number(1, 3) > 1 and {3, 1, 2} or odd[next_number(1, 18)]
        if type(arguments[i]) == "table" then
          arguments[i] = {table.unpack(arguments[i], 1, 3)}
        end
      end
      local huge = name == "move" and math.type(arguments[3]) == "integer" and arguments[3] > 1000
      if not huge then
        local first = arguments[1]
        out[#out + 1] = {name, try(calls[name], table.unpack(arguments, 1, arguments.n)), type(first) == "table" and first}
      end
    end
  end
  return out
end)

scenario("the functions called through pcall", function()
  local out = {}
  for _, fn in ipairs {table.insert, table.remove, table.move, table.concat, table.unpack, table.sort, tostring, ipairs,
                       load, require, string.format} do
    out[#out + 1] = try(fn)
    out[#out + 1] = try(fn, nil, 1)
    out[#out + 1] = try(fn, {}, {}, {})
  end
  return out
end)

scenario("lists behind metamethods", function(pause)
  local next_number = random(2)
  local out = {}
  for _ = 1, 300 do
    local list, log = {}, {}
    for i = 1, next_number(0, 6) do list[i] = next_number(1, 9) end
    local one = proxy(list, pause, log)
    local what, a, b, c = next_number(1, 6), next_number(-1, 7), next_number(-1, 7), next_number(-1, 7)
    local result
    if what == 1 then result = try(calls.insert, one, a)
    elseif what == 2 then result = try(calls.insert, one, a, b)
    elseif what == 3 then result = try(calls.remove, one, a)
    elseif what == 4 then result = try(calls.remove, one)
    elseif what == 5 then result = try(calls.concat, one, ",", a, b)
    else result = try(calls.unpack, one, a, b) end
    out[#out + 1] = {what, type(result[2]) == "table" or result, list, log}
  end
  return out
end)

scenario("moves between lists of every kind", function(pause)
  local next_number = random(3)
  local out = {}
  for _ = 1, 300 do
    local list, other, log = {}, {}, {}
    for i = 1, next_number(0, 8) do list[i] = next_number(1, 9) end
    local from = next_number(1, 2) == 1 and list or proxy(list, pause, log)
    local to = ({from, list, other, proxy(other, pause, log), proxy(list, pause, log)})[next_number(1, 6)]
    local result = try(table.move, from, next_number(-2, 5), next_number(-2, 9), next_number(-2, 9), to)
    out[#out + 1] = {result[1], result[1] and rawequal(result[2], to or from) or result[2], list, other, log}
  end
  return out
end)

scenario("equal lists are one list to move", function(pause)
  local out = {}
  for _, answer in ipairs {true, false} do
    local list = {1, 2, 3, 4, 5}
    local meta = {__index = list, __newindex = list, __eq = function() pause() return answer end}
    table.move(setmetatable({}, meta), 1, 4, 2, setmetatable({}, meta))
    out[#out + 1] = list
  end
  return out
end)

scenario("the ends of the integers", function(pause)
  local wide = setmetatable({}, {__index = function(_, key) pause() return key % 100 end})
  local max, min = math.maxinteger, math.mininteger
  return try(table.unpack, wide, max - 1, max), try(table.concat, wide, ",", max - 1, max), try(table.concat, {}, ",", max, max),
    try(table.unpack, {}, max, max), try(table.unpack, {}, min, max), try(table.unpack, {}, 1, 1e7),
    try(table.move, wide, max - 1, max, 1, {}), try(table.move, {1, 2}, 1, 2, max - 1, {}), try(table.move, wide, min, -1, 1, {}),
    try(table.move, wide, 1, max, 2), try(table.unpack, wide, min, min + 2), try(table.remove, setmetatable({}, {__len = function() return max end})),
    try(table.insert, setmetatable({}, {__len = function() return max end}), 1) [1],
    try(table.insert, setmetatable({}, {__len = function() return -1 end}), 5, 1),
    try(table.remove, setmetatable({}, {__len = function() return -1 end}), 5),
    try(table.sort, setmetatable({}, {__len = function() return 1 << 31 end})),
    try(table.sort, setmetatable({}, {__len = function() return -5 end}), 5)
end)

scenario("lengths that are none", function(pause)
  local out = {}
  for _, length in ipairs {"x", "3", 2.0, 2.5, {}, false, print} do
    for _, name in ipairs {"insert", "remove", "concat", "unpack", "sort"} do
      local list = setmetatable({3, 1, 2}, {__len = function() pause() return length end})
      out[#out + 1] = {name, try(calls[name], list), {rawget(list, 1), rawget(list, 2), rawget(list, 3)}}
    end
  end
  local missing = setmetatable({1}, {__len = function() pause() end})
  return out, try(calls.insert, missing, 1), try(calls.sort, missing)
end)

scenario("metamethods that are no functions", function(pause)
  local callable = setmetatable({}, {__call = function(_, a) pause() return 2 end})
  local deep = setmetatable({}, {__index = setmetatable({}, {__index = setmetatable({10}, {
    __index = function(t, key) pause() return t[1] * key end})})})
  local sink = {}
  local writes = setmetatable({}, {__newindex = setmetatable({}, {__newindex = sink})})
  table.insert(writes, 1, "a")
  table.insert(writes, "b")
  local loop = {}
  setmetatable(loop, {__index = loop, __newindex = loop})
  return try(calls.unpack, setmetatable({}, {__len = callable})), try(calls.unpack, deep, 1, 2), sink,
    try(calls.unpack, loop, 1, 1), try(calls.insert, loop, 1), try(calls.unpack, setmetatable({}, {__index = 5}), 1, 1),
    try(calls.unpack, setmetatable({}, {__index = false}), 1, 1), try(calls.insert, setmetatable({}, {__newindex = 5}), 1),
    try(calls.unpack, setmetatable({}, {__index = "text"}), 1, 2), try(calls.unpack, "text"), try(calls.unpack, 5, 1, 2),
    try(calls.unpack, setmetatable({}, {__index = callable}), 1, 1)
end)

scenario("values that are no tables but behave like some", function(pause)
  local made = {}
  for index, fields in ipairs {{}, {"__index"}, {"__index", "__len"}, {"__index", "__newindex", "__len"}} do
    local handle = coroutine.create(print)
    local list, meta = {3, 1, 2}, {}
    for _, field in ipairs(fields) do meta[field] = getmetatable(proxy(list, pause))[field] end
    debug.setmetatable(handle, meta)
    for _, name in ipairs {"insert", "remove", "concat", "unpack", "sort", "move"} do
      made[#made + 1] = {index, name, (select(2, pcall(pcall, calls[name], handle, 1, 2, 1))), list}
    end
    debug.setmetatable(handle, nil)
  end
  return made
end)

scenario("errors in metamethods come out as they are", function(pause)
  local thrown = {}
  local bad = setmetatable({}, {
    __index = function() pause() error(thrown) end, __newindex = function() pause() error("no write") end, __len = function() pause() return 3 end})
  local out = {}
  for _, name in ipairs {"insert", "remove", "concat", "unpack", "sort"} do
    local result = try(calls[name], bad, name == "insert" and 5 or nil)
    out[#out + 1] = {name, result[1], rawequal(result[2], thrown) or result[2]}
  end
  return out
end)

-- Comparators from good to absurd. Each notes what it is asked, so that equal logs mean equal algorithms.
local comparators = {
  function(a, b) return a < b end, function(a, b) return a > b end, function(a, b) return a // 3 < b // 3 end,
  function(a, b) return a <= b end, function() return true end, function() return false end, function() return nil end,
  function(a, b) return (a * 7 + b * 3) % 5 < 2 end, function(a, b) return a % 2 < b % 2 or a % 2 == b % 2 and a < b end,
}

scenario("sorts compare what Lua compares", function(pause)
  local next_number = random(4)
  local out = {}
  for round = 1, 270 do
    local list, log = {}, {}
    for i = 1, next_number(0, round % 30 == 0 and 250 or 20) do list[i] = next_number(1, round % 2 == 0 and 6 or 1000) end
    local compare = comparators[round % #comparators + 1]
    local ok, message = pcall(table.sort, list, function(a, b)
      pause()
      log[#log + 1] = a .. ":" .. b
      return compare(a, b)
    end)
    out[#out + 1] = {round, ok, message, list, log}
  end
  return out
end)

scenario("sorts without a comparator", function(pause)
  local next_number = random(5)
  local out = {}
  local meta = {__lt = function(a, b) pause() return a.key < b.key end}
  for round = 1, 120 do
    local list = {}
    for i = 1, next_number(0, round % 40 == 0 and 400 or 30) do
      local number = next_number(1, 50)
      if round % 4 == 0 then list[i] = "text " .. number
      elseif round % 4 == 1 then list[i] = number % 2 == 0 and number or number + 0.0
      elseif round % 4 == 2 then list[i] = setmetatable({key = number, place = i}, meta)
      else list[i] = round % 3 == 0 and number % 7 == 0 and "x" or number end
    end
    out[#out + 1] = {try(calls.sort, list), list}
  end
  return out
end)

scenario("sorts of numbers", function()
  local next_number = random(9)
  local odd_floats = {0.0, -0.0, 1 / 0, -1 / 0, 2^53, -2^63, 5e-324, -5e-324}
  local odd_integers = {math.maxinteger, math.mininteger, 0, -1}
  local kinds = {
    function() return next_number(-1000000, 1000000) end,
    function() return next_number(1, 5) end,
    function(i) return i end,
    function(i) return -i end,
    function(i) return i % 17 == 0 and odd_integers[next_number(1, 4)] or next_number(-9, 9) end,
    function() return next_number(-1000000, 1000000) / 64 end,
    function(i) return i % 17 == 0 and odd_floats[next_number(3, 8)] or next_number(-9, 9) / 4 end,
    function() return odd_floats[next_number(1, 8)] end,
    function(i) return i % 7 == 0 and next_number(1, 9) or next_number(1, 9) + 0.0 end,
    function(i) return i == 5 and 0 / 0 or i + 0.5 end,
    function(i) return i == 1100 and "x" or i end,
  }
  local out = {}
  for length = 0, 40 do
    for place, kind in ipairs(kinds) do
      local list = {}
      -- Above a hundred Lua's own chooses pivots by chance: that shows where elements are equal, but not the same.
      local shows_chance = place >= 8 and place <= 9
      for i = 1, length < 38 and length or shows_chance and 100 or length * 30 do list[i] = kind(i) end
      local outcome = try(calls.sort, list)
      for i, value in ipairs(list) do list[i] = ("%s %q"):format(math.type(value), value) end
      -- What is left after an error depends on chance as well.
      out[#out + 1] = {outcome, outcome[1] and list or #list}
    end
  end
  return out
end)

scenario("sorts of lists behind metamethods", function(pause)
  local next_number = random(6)
  local out = {}
  for _ = 1, 40 do
    local list = {}
    for i = 1, next_number(0, 30) do list[i] = next_number(1, 50) end
    out[#out + 1] = {try(calls.sort, proxy(list, pause), function(a, b) pause() return a < b end), list}
  end
  return out
end)

scenario("sorts in sorts, and sorts after errors", function(pause)
  local out = {}
  local list = {4, 2, 5, 1, 3}
  local failed = try(table.sort, {3, 2, 1}, function() pause() error("mine", 0) end)
  table.sort(list, function(a, b)
    local inner = {b, a, 9, 7, 8}
    table.sort(inner, function(x, y) pause() return x < y end)
    out[#out + 1] = inner
    return a < b
  end)
  return list, out, failed, try(calls.sort, {1, 2, nil, 4}), try(calls.sort, {1, "x"}), try(calls.sort, {{}, {}}), try(calls.sort, {1, 2}, 5),
    try(calls.sort, {1}, 5), try(calls.sort, {print, print, print})
end)

scenario("texts of values", function(pause)
  local function object(answer) return setmetatable({}, {__tostring = function() pause() return answer end}) end
  local named = setmetatable({}, {__name = "my.type"})
  local oddly_named = setmetatable({}, {__name = 5})
  local list = {
    nil, true, false, 0, -0.0, 1e15, 1e16, 2^63, 0.1, 1/0, -1/0, math.mininteger, "text", "a\0b", object("mine"), object(5), object(1.5),
    object(nil), object({}), object(""), named, oddly_named, {}, io.stdout, coroutine.create(print), calls.tostring, print,
  }
  local out = {}
  for i = 1, 27 do
    out[#out + 1] = try(calls.tostring, list[i])
    out[#out + 1] = try(calls.format, "<%s|%10s|%.2s>", list[i], list[i], list[i])
  end
  getmetatable("").__tostring = function(s) pause() return "string " .. s:upper() end
  out[#out + 1] = {tostring("x"), try(calls.tostring, 5)}
  getmetatable("").__tostring = nil
  return out, math.type(tonumber(tostring(object(5))))
end)

scenario("formats", function(pause)
  local count = 0
  local object = setmetatable({}, {__tostring = function() pause() count = count + 1 return "object" .. count end})
  return try(calls.format, "%s%%%s%d%s", object, 1, 2, object), try(calls.format, "%d %s", "x", object), try(calls.format, "%s"),
    try(calls.format, "%y %s", object), try(calls.format, "%q %s", "a\nb", object), try(calls.format, "a\0%s\0%s", object, object),
    try(calls.format, 5, object), try(calls.format, object, object), try(calls.format, "%5s|%-9s|%.3s", object, object, object),
    try(calls.format, "%d", object), try(calls.format, "%s", object, object), try(calls.format, "%q", object), try(calls.format, "%"), try(calls.format, "%10"),
    try(calls.format, "%p", nil), try(calls.format, "%i %c %x %a", 1, 65, 255, 1.0), count
end)

scenario("ipairs", function(pause)
  local function collect(list)
    local out = {}
    for i, value in ipairs(list) do
      pause()
      out[#out + 1] = {i, value}
      if i == 20 then break end
    end
    return out
  end
  local list = {1, 2, nil, 4}
  local iterate, object, start = ipairs(list)
  return collect(list), collect(proxy({1, 2, 3}, pause)), collect("text"), try(collect, 5), try(collect, nil), try(collect, setmetatable({1, 2}, {__index = function(_, i)
      return i < 5 and i or nil end})), collect(setmetatable({}, {__index = {7, 8}})), rawequal(object, list), start,
    iterate == ipairs {}, {iterate(list, 1)}, {iterate(list, 2)}, {iterate({[math.mininteger] = 5}, math.maxinteger)}, try(iterate, list, "x"), try(iterate, list, 1.5),
    try(iterate, list, "1"), try(iterate)
end)

scenario("load from strings and readers", function(pause)
  local function reader(...)
    local pieces, i = table.pack(...), 0
    return function()
      pause()
      i = i + 1
      if pieces[i] == "raise" then error("reader's own", 0) end
      return pieces[i]
    end
  end
  local function result(...)
    local chunk, message = load(...)
    if not chunk then return {chunk, message} end
    return {try(chunk, 1, 2)}
  end
  local name = nil
  return result("return 1, ..."), result("return +"), result("return +", "=mine"), result("return +", "@file.lua"), result("return x", "=x", "t", {x = 5}),
    result("x = 1 return _ENV", "=x", "bt", nil), result("return 1", "=x", "b"), result("return 1", nil, nil), result(5), result("return 1", 5, 5),
    result(reader("ret", "urn ", "4", 2, nil)), result(reader("return 1", "", "this is never read (")), result(reader()), result(reader("return 1", {})),
    result(reader("return 1 ", "raise")), result(reader("syntax error", " here"), "=named"), result(reader("return ..."), nil, "t", {}), result(reader("return x"), "=r", "t", {x = 6}),
    result(reader("return 1"), "=r", "b"), result(reader("x = 1", false)), try(load), try(load, {}), try(load, nil), try(load, "return 1", {}), try(load, "", "", {}),
    try(load, print, {}), result(("local a = 1 "):rep(500) .. "return a"), result(reader(("local a = 1 "):rep(100), ("a = a + 1 "):rep(300), "return a"))
end)

scenario("require", function(pause)
  local out = {}
  local old = {package.searchers, package.preload["a.module"]}
  package.preload["a.module"] = function(...)
    pause()
    out[#out + 1] = {...}
    return {loaded = true}
  end
  local first, extra = require "a.module"
  out[#out + 1] = {first == require "a.module", first.loaded, extra, select("#", require "a.module"), package.loaded["a.module"] == first}
  package.preload["no.result"] = function() pause() end
  package.preload["own.result"] = function(name) pause() package.loaded[name] = "mine" end
  package.preload["false.result"] = function() pause() return false end
  package.preload["fails"] = function() pause() error("module's own", 0) end
  for _, name in ipairs {"no.result", "own.result", "false.result", "fails", "fails", "false.result"} do
    out[#out + 1] = {name, try(require, name), package.loaded[name]}
  end
  out[#out + 1] = {(select(2, pcall(calls.require, "there.is.none")):gsub("\n.*", "")), select(2, pcall(require, "none")) == nil}
  table.insert(package.searchers, 2, function(name)
    pause()
    if name == "found" then return function(...) pause() return table.pack(...) end, "where" end
    if name == "text" then return "\n\tmy own text" end
    if name == "number" then return 5 end
    if name == "raises" then error("searcher's own", 0) end
    return nil
  end)
  out[#out + 1] = {try(require, "found"), try(require, "raises")}
  out[#out + 1] = {(select(2, pcall(require, "text")):match("my own text")), (select(2, pcall(require, "number")):match("\n\t5\n"))}
  table.remove(package.searchers, 2)
  local searchers = package.searchers
  package.searchers = {}
  out[#out + 1] = {try(require, "x1")}
  package.searchers = {function() return 1 end, function() return "b" end, function() end}
  out[#out + 1] = {try(require, "x2")}
  package.searchers = 5
  out[#out + 1] = {try(require, "x3"), try(require), try(require, {}), try(require, 5)}
  package.searchers = searchers
  for _, name in ipairs {"a.module", "no.result", "own.result", "false.result", "fails", "found"} do
    package.preload[name], package.loaded[name] = nil, nil
  end
  return out
end)

scenario("require of what is loaded behind metamethods", function(pause)
  local seen = {}
  setmetatable(package.loaded, {
    __index = function(_, name) pause() seen[#seen + 1] = "get " .. name return name == "magic" and "conjured" or nil end,
    __newindex = function(t, name, value) pause() seen[#seen + 1] = "set " .. name rawset(t, name, value) end,
  })
  package.preload.ordinary = function() pause() return "made" end
  local results = {try(require, "magic"), try(require, "ordinary")}
  setmetatable(package.loaded, nil)
  package.preload.ordinary, package.loaded.ordinary = nil, nil
  return results, seen
end)

scenario("modules that want one another", function(pause)
  package.preload.left = function(name)
    local module = {name = name}
    package.loaded[name] = module
    pause()
    module.right = require "right"
    return module
  end
  package.preload.right = function(name) pause() return {name = name, left = require "left"} end
  local left = require "left"
  local again = 0
  package.preload.selfish = function(name) again = again + 1 pause() return again < 3 and require(name) or again end
  local out = {left.right.left == left, require "right" == left.right, try(require, "selfish"), again}
  for _, name in ipairs {"left", "right", "selfish"} do package.preload[name], package.loaded[name] = nil, nil end
  return out
end)

scenario("modules in files, and dofile", function(pause)
  local path = os.tmpname()
  local file = io.open(path, "w")
  file:write("pause() local name, where = ... return {name, where ~= nil, pause}")
  file:close()
  pause_in_file = pause
  _G.pause = pause
  local old = package.path
  package.path = path:gsub("[^/]+$", "?")
  local name = path:match("[^/]+$")
  local module = require(name)
  package.path, package.loaded[name] = old, nil
  local done = dofile(path)
  os.remove(path)
  return module[1] == name, module[2], #done, try(dofile, "/none")[1]
end)

scenario("long lists", function(pause)
  local list = {}
  for i = 1, 12000 do list[i] = i * 7919 % 12007 end
  table.insert(list, 1, 0)
  table.insert(list, 5, 0)
  local removed = table.remove(list, 2)
  table.move(list, 1, 11500, 100)
  local copy = table.move(list, 1, #list, 1, {})
  local text = table.concat(list, ", ")
  local count = select("#", table.unpack(list))
  table.sort(list)
  local long = {}
  for i = 1, 530000 do long[i] = i * 7919 % 530017 end
  table.sort(long)
  local sorted = true
  for i = 2, #long do sorted = sorted and long[i - 1] < long[i] end
  for i = 2, #list do sorted = sorted and list[i - 1] <= list[i] end
  local sum = 0
  for i = 1, #text do sum = (sum * 31 + text:byte(i)) % 1000003 end
  return removed, #copy, #text, sum, count, sorted, list[6000], #table.concat({("x"):rep(700000), ("y"):rep(700000), 5}, "--")
end)

-- Values as text: what two runs are compared by. Lists and records only; no cycles.
local function show(value)
  if type(value) ~= "table" or (getmetatable(value) or {}).__tostring then
    local text = type(value) == "string" and string.format("%q", value) or tostring(value)
    return (text:gsub("0x%x+", "0x"):gsub("builtin: %x+", "builtin"))
  end
  local keys, parts = {}, {}
  for key in next, value do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for index, key in ipairs(keys) do parts[index] = tostring(key) .. "=" .. show(rawget(value, key)) end
  return "{" .. table.concat(parts, " ") .. "}"
end

return {
  count = function() return #scenarios end,
  name = function(index) return scenarios[index].name end,
  run = function(index, pause)
    return show(table.pack(pcall(scenarios[index].body, pause)))
  end,
}
