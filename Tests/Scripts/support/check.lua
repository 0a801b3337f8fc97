-- How the scripts of this folder state facts and check them. The runner (ScriptTests.swift) loads a script once to
-- learn its facts, then once more for each of them, so that no fact sees what another left behind.
local check = {}

-- What the runner reads: { name =, fn =, line =, main = }.
local facts = {}
check.facts = facts

local function add(name, fn, main)
  assert(type(name) == "string" and type(fn) == "function", "a fact has a name and a function")
  -- Sandboxed scripts have no debug.getinfo; level 4: pcall, add and its caller are in between.
  local line = tonumber(select(2, pcall(error, "", 4)):match(":(%d+): $"))
  facts[#facts + 1] = { name = name, fn = fn, main = main, line = line }
end

--- A fact checked in a green of its own.
function check.fact(name, fn)
  add(name, fn, false)
end

--- A fact checked outside of any green. What `fn` returns, if it is a function, is run in a green afterwards.
function check.main_fact(name, fn)
  add(name, fn, true)
end

local function show(value)
  return type(value) == "string" and ("%q"):format(value) or tostring(value)
end

local function fail(level, label, format, ...)
  error((label and label .. ": " or "") .. format:format(...), level + 1)
end

--- `actual == expected`, and of the same type.
function check.equal(actual, expected, label)
  if actual ~= expected or math.type(actual) ~= math.type(expected) then
    fail(2, label, "expected %s, got %s", show(expected), show(actual))
  end
end

function check.differ(actual, other, label)
  if actual == other then
    fail(2, label, "expected something else than %s", show(other))
  end
end

--- Anything but nil and false.
function check.truthy(value, label)
  if not value then
    fail(2, label, "expected a true value, got %s", show(value))
  end
end

--- The items of a list, in order; a `n` field counts nils in.
function check.list(actual, expected, label)
  local length = expected.n or #expected
  if (actual.n or #actual) ~= length then
    fail(2, label, "expected %d items, got %d: %s", length, actual.n or #actual, check.text(actual))
  end
  for i = 1, length do
    if actual[i] ~= expected[i] then
      fail(2, label, "item %d: expected %s, got %s of %s", i, show(expected[i]), show(actual[i]), check.text(actual))
    end
  end
end

function check.text(list)
  local parts = {}
  for i = 1, list.n or #list do
    parts[i] = show(list[i])
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

--- `fn(...)` raises an error whose text matches `pattern`; gives the error value.
function check.raises(pattern, fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then
    fail(2, nil, "expected an error like %s, got none", show(pattern))
  end
  if not tostring(err):find(pattern) then
    fail(2, nil, "expected an error like %s, got %s", show(pattern), show(err))
  end
  return err
end

--- Lets every other green run until it waits.
function check.settle()
  local green = require "green"
  for _ = 1, 5 do
    green.sleep(0)
  end
end

return check
