-- Patterns: replacements may wait, and no search keeps other greens from running.
local check = require "support.check"
local green = require "green"
local fact = check.fact

local function later(value)
  green.sleep(1)
  return value
end

fact("a replacement function may wait", function()
  local text, count = ("a b c"):gsub("%a", function(letter) return later(letter:upper()) end)
  check.equal(text, "A B C")
  check.equal(count, 3)
end)

fact("a table of replacements may wait in its __index", function()
  local names = setmetatable({ b = "own" }, { __index = function(_, key) return later(key ~= "c" and key .. key) end })
  check.equal((("a b c"):gsub("%a", names)), "aa own c")
end)

fact("a loop over matches may wait", function()
  local got = {}
  for key, value in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do
    got[#got + 1] = later(key) .. later(value)
  end
  check.list(got, { "a1", "b2" })
end)

fact("replacements nested in replacements wait", function()
  local function nest(depth)
    return (("<x>"):gsub("x", function(x) return later(depth == 0 and x or nest(depth - 1)) end))
  end
  check.equal(nest(5), "<<<<<<x>>>>>>")
end)

fact("an error after a wait is raised at the call", function()
  local ok, message = pcall(string.gsub, "a", "a", function() return later({}) end)
  check.equal(ok, false)
  check.equal(message, "invalid replacement value (a table)")
end)
