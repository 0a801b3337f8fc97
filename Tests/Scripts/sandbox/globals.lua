-- The globals of a sandboxed script.
local check = require "support.check"
local equal, raises = check.equal, check.raises

check.fact("_G is the script's own environment", function()
  equal(_G, _ENV)
  equal(_G._G, _G)
  here = 1
  equal(_G.here, 1)
  equal(rawget(_G, "here"), 1)
end)

check.fact("all of computing is there", function()
  for _, name in ipairs { "assert", "error", "getmetatable", "ipairs", "load", "next", "pairs", "pcall", "print",
    "rawequal", "rawget", "rawlen", "rawset", "require", "select", "setmetatable", "tonumber", "tostring", "type", "warn",
    "xpcall", "wait", "run_in_greenlet", "GreenPool", "GreenLock", "GreenHttp", "GreenWSGI" } do
    equal(type(_G[name]), "function", name)
  end
  equal(_VERSION, "Lua 5.4")
  equal(table.concat({ 1, 2 }, ","), "1,2")
  equal(math.floor(1.5), 1)
  equal(utf8.len("ä"), 1)
end)

check.fact("a table is copied once", function()
  equal(string, string)
  equal(rawget(_G, "string"), string)
end)

check.fact("a global that is nil reads as nil", function()
  equal(missing, nil)
  local seen = {}
  for name in pairs(_G) do
    equal(seen[name], nil, name)
    seen[name] = true
  end
  check.truthy(seen.print and seen.string and seen.green and seen._G)
  equal(seen.missing, nil)
end)

check.fact("what the host sets later is found", function()
  equal(later, nil)
  set_later()
  equal(later, "set")
  equal(later_table.n, 1)
end)

check.fact("messages of load name the script's line", function()
  local ok, problem = pcall(function() load({}) end)
  equal(ok, false)
  check.truthy(problem:find("globals.lua:%d+: bad argument #1 to 'load' %(function expected, got table%)"), problem)
  equal(select(2, load("x y", "=n")), "n:1: syntax error near 'y'")
  raises("bad argument #1 to 'load' %(function expected, got no value%)", function() load() end)
end)

check.fact("load reads pieces and takes an environment", function()
  local pieces, i = { "return ", "7", " + n" }, 0
  local chunk = load(function()
    i = i + 1
    return pieces[i]
  end, "pieces", "t", { n = 1 })
  equal(chunk(), 8)
end)
