-- Strict globals, in a sandbox and in plain Lua.
local check = require "support.check"
local equal, raises = check.equal, check.raises

defined, declared = 1, nil

check.fact("reading what is not defined is an error with its place", function()
  local problem = raises("the global 'conut' is not defined %(strict globals", function() return conut end)
  check.truthy(problem:find("strict.lua:8:"), problem)
end)

check.fact("assigning in a function what is not defined is an error with its place", function()
  local problem = raises("assignment to the global 'total', which is not defined, in a function", function() total = 1 end)
  check.truthy(problem:find("strict.lua:13:"), problem)
  equal(rawget(_G, "total"), nil)
end)

check.fact("what the top level of a chunk assigned is defined, also as nil", function()
  equal(defined, 1)
  equal(declared, nil)
  defined, declared = 2, 3
  equal(defined + declared, 5)
end)

check.fact("a loaded chunk's top level defines", function()
  load("by_chunk = 1")()
  equal(by_chunk, 1)
  raises("the global 'nowhere'", load("return nowhere"))
end)

check.fact("what the host brings is defined", function()
  equal(type(string.format), "function")
  equal(type(GreenPool), "function")
  print = print
end)

check.fact("rawget asks without an error", function()
  equal(rawget(_G, "jit"), nil)
  rawset(_G, "jit", 1)
  equal(jit, 1)
end)

check.fact("fields are nobody's globals", function()
  local t = {}
  t.x = 1
  equal(t.y, nil)
  equal(_G.string, string)
  raises("the global 'anything' is not defined", function() return _G.anything end)
end)
