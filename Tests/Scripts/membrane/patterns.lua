-- Random subjects and patterns, and what two string libraries make of them.
local random = math.random

local letters = {"a", "b", "a", "b", "c", "1", " ", ".", "(", ")", "[", "]", "-", "%", "^", "$", "\0", "A", "_", "\xe9"}
local classes = {"a", "c", "d", "g", "l", "p", "s", "u", "w", "x", "z", "A", "C", "D", "G", "L", "P", "S", "U", "W", "X",
  "Z", ".", "%", "-", "]", "[", "(", "e", "\xc1"}
local suffixes = {"*", "+", "-", "?", "", "", "", ""}
local scraps = {"(", ")", "[", "]", "%", "^", "$", "*", "+", "-", "?", "%b", "%f", "[^", "[a-", "%0", "%9", "[]", "[^]", "\0"}

local function pick(list) return list[random(#list)] end

local function subject()
  local span = random() < 0.7 and 5 or #letters
  local list = {}
  for i = 1, random(0, 14) do list[i] = letters[random(span)] end
  return table.concat(list)
end

local function set()
  local list = {random(3) == 1 and "[^" or "["}
  for _ = 1, random(3) do
    local kind = random(5)
    if kind == 1 then
      list[#list + 1] = "%" .. pick(classes)
    elseif kind == 2 then
      list[#list + 1] = pick(letters) .. "-" .. pick(letters)
    else
      list[#list + 1] = pick(letters)
    end
  end
  list[#list + 1] = "]"
  return table.concat(list)
end

local function item()
  local kind = random(24)
  if kind <= 7 then return letters[random(5)] .. pick(suffixes) end
  if kind <= 11 then return "." .. pick(suffixes) end
  if kind <= 14 then return "%" .. pick(classes) .. pick(suffixes) end
  if kind <= 16 then return set() .. pick(suffixes) end
  if kind == 17 then return "()" end
  if kind == 18 then return "%b" .. pick(letters) .. pick(letters) end
  if kind == 19 then return "%f" .. set() end
  if kind == 20 then return "%" .. random(3) end
  if kind == 21 then return pick(scraps) end
  return nil -- a group
end

local function pattern(depth)
  local list = {}
  if depth == 0 and random(5) == 1 then list[1] = "^" end
  for _ = 1, random(depth == 0 and 0 or 1, 4) do
    local one = item()
    if not one then one = depth < 3 and "(" .. pattern(depth + 1) .. ")" or "a" end
    list[#list + 1] = one
  end
  if depth == 0 and random(6) == 1 then list[#list + 1] = "$" end
  return table.concat(list)
end

-- One past 31 captures, now and then.
local function any_pattern()
  if random(400) == 1 then return ("(a?)"):rep(random(30, 34)) end
  return pattern(0)
end

local texts = {"", "x", "%0", "<%1>", "%2", "%%", "%", "%x", "%1%1%0", "\0", "long text without a mark", 7, 2.5}
local park = nil -- waits and returns its arguments, where the library under test lets it

local fields = {a = "A", b = false, ab = 12, ["1"] = {}, [1] = "one", [2] = true}
local replacements = {
  function() return pick(texts) end, function() return pick(texts) end, function() return pick(texts) end,
  function() return fields end,
  function() return setmetatable({a = "own"}, {__index = fields}) end,
  function() return setmetatable({}, {__index = function(_, key) return park(fields[key]) end}) end,
  function()
    return setmetatable({}, {__index = setmetatable({a = "inner"}, {__index = function(_, k) return park(k) end})})
  end,
  function() return setmetatable({}, {__index = 5}) end,
  function() return setmetatable({}, {__index = "text"}) end,
  function()
    local loop = setmetatable({}, {})
    getmetatable(loop).__index = loop
    return loop
  end,
  function() return function(...) return park((select(select("#", ...), ...))) end end,
  function() return function(...) return park(select("#", ...)) end end,
  function() return function(first) return first == "a" and park("%1") end end,
  function() return function() return park({}) end end,
  function() return function(first) error("raised at " .. tostring(first), 0) end end,
  function() return string.upper end,
  function() return nil end,
  function() return true end,
}

local odd = {0, -1, 1.5, "2", "x", {}, math.mininteger, math.maxinteger, 2^53, 2^70}
local function index()
  local kind = random(12)
  if kind <= 7 then return nil end
  return kind == 8 and pick(odd) or random(-16, 16)
end

local function any_subject() return random(60) == 1 and pick(odd) or subject() end

-- Not a tail call, so that error messages name the function and the place.
local function all(...) return ... end

local function collect(library, ...)
  local list = {}
  local iterator = library.gmatch(...)
  for _ = 1, 20 do
    local found = table.pack(iterator())
    list[#list + 1] = found.n
    table.move(found, 1, found.n, #list + 1, list)
    if found.n == 0 or found[1] == nil then break end
  end
  return table.unpack(list)
end

local calls = {
  function(s, p)
    local init, plain = index(), random(8) == 1 or nil
    return "find", function(library) return all(library.find(s, p, init, plain)) end, init
  end,
  function(s, p)
    local init = index()
    return "match", function(library) return all(library.match(s, p, init)) end, init
  end,
  function(s, p)
    local init = index()
    return "gmatch", function(library) return all(collect(library, s, p, init)) end, init
  end,
  function(s, p)
    local with, most = pick(replacements)(), index()
    return "gsub", function(library) return all(library.gsub(s, p, with, most)) end, with
  end,
}

local function text_of(...)
  local list = {}
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    local kind = type(value)
    list[i] = kind == "string" and ("%q"):format(value) or (kind == "table" or kind == "function") and kind or tostring(value)
  end
  return table.concat(list, ", ")
end

-- Tries so many calls; the differences as text, how many raised, how many found something.
local function compare(seed, count, ours, stock, wait)
  math.randomseed(seed)
  local differences, raised, found = {}, 0, 0
  for _ = 1, count do
    local s, p = any_subject(), any_pattern()
    local name, call, more = pick(calls)(s, p)
    park = all
    local expected = text_of(pcall(call, stock))
    park = wait
    local got = text_of(pcall(call, ours))
    if expected ~= got then
      differences[#differences + 1] = ("%s(%s): %s instead of %s"):format(name, text_of(s, p, more), got, expected)
      if #differences == 5 then break end
    end
    if expected:sub(1, 5) == "false" then raised = raised + 1 end
    if expected ~= "true, nil" and expected ~= "true, 0" then found = found + 1 end
  end
  return table.concat(differences, "\n"), raised, found
end

return {compare = compare}
