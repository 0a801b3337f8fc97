-- Ways out of a sandbox that must not be there. After each fact the runner looks whether another script of the same host
-- finds all as it was (support/fingerprint.lua).
local check = require "support.check"
local green = require "green"
local equal, raises = check.equal, check.raises

check.fact("the metatable of strings is out of reach", function()
  equal(getmetatable(""), false)
  raises("cannot change a protected metatable", setmetatable, _G, {})
  raises("table expected, got string", setmetatable, "", {})
  raises("attempt to index a string value", function()
    local text = "x"
    text.format = nil
  end)
  equal(("").__index, nil)
end)

check.fact("changing a library table changes only one's own", function()
  for _, library in ipairs { string, table, math, coroutine, utf8, os, debug, green } do
    for name in pairs(library) do
      library[name] = function() return "evil" end
    end
  end
  equal(string.format("x"), "evil")
  equal(("%d"):format(3), "3", "methods of strings are those of the host")
end)

check.fact("emptying the globals empties only one's own", function()
  local rawset, next, type = rawset, next, type
  for name in next, _G do
    if type(name) == "string" then
      rawset(_G, name, nil)
    end
  end
end)

check.fact("raw access reaches no shared table", function()
  for _, name in ipairs { "string", "table", "green" } do
    rawset(_G[name], "mark", "evil")
    equal(_G[name].mark, "evil")
  end
  for name, value in next, _G do
    if type(value) == "table" and value ~= _G then
      rawset(value, "mark", name)
    end
  end
end)

check.fact("pairs of the globals hands out no shared table", function()
  local names = 0
  for name, value in pairs(_G) do
    names = names + 1
    if type(value) == "table" and value ~= _G then
      value.mark = "evil"
    end
  end
  check.truthy(names > 35, "names")
end)

check.fact("what pairs of the globals gives takes tables only", function()
  local step, globals = pairs(_G)
  equal(globals, _G)
  for _, value in ipairs { 1, "x", print, true, GreenLock() } do
    raises("table expected", step, value)
  end
  raises("table expected", step)
  raises("invalid key to 'next'", step, {}, "none")
end)

check.fact("the globals have no metatable to get at", function()
  equal(getmetatable(_G), false)
  equal(getmetatable(_ENV), false)
  raises("cannot change a protected metatable", setmetatable, _ENV, nil)
end)

check.fact("load gives no other globals than one's own", function()
  mine = 1
  equal(load("return _ENV")(), _ENV)
  equal(load("return _G")(), _G)
  equal(load("return mine")(), 1)
  equal(load(function() return nil end)(), nil)
  local other = load("x = 1 return _ENV", "n", "t", {})()
  equal(other.string, nil)
  equal(x, nil)
  raises("attempt to index a nil value", load("return x", "n", "t", nil))
end)

check.fact("what a loaded chunk assigns is in one's own globals", function()
  load("planted = 'evil' string.planted = 'evil'")()
  equal(planted, "evil")
end)

check.fact("an environment whose metatable reads the globals reads one's own", function()
  local env = setmetatable({}, { __index = _G })
  load("string.format = nil; print = nil", "n", "t", env)()
  equal(string.format, nil)
  equal(type(print), "function")
end)

check.fact("bytecode is not loaded", function()
  for _, mode in ipairs { "b", "bt", "t", "tb" } do
    local chunk, problem = load("\27Lua\x54\0\x19\x93\r\n\x1a\n", "n", mode)
    equal(chunk, nil)
    check.truthy(problem:find("binary") or problem:find("only text"), mode .. ": " .. problem)
  end
  -- A reader that ends: this must not depend on when `load` looks at the pieces.
  local pieces = { "\27Lua", "\x54\0" }
  equal(load(function() return table.remove(pieces, 1) end), nil)
  raises("string.dump is not available: this host is sandboxed", string.dump, function() end)
end)

check.fact("finalizers are refused", function()
  local message = "a __gc metamethod is not available: this host is sandboxed"
  for _, value in ipairs { function() end, true, "x", {}, 1, false } do
    raises(message, setmetatable, {}, { __gc = value })
  end
  local object = {}
  raises(message, setmetatable, object, { __gc = print, __index = {} })
  equal(getmetatable(object), nil)
end)

check.fact("a finalizer that is added later never runs", function()
  local ran = false
  local metatable = {}
  for i = 1, 100 do
    setmetatable({}, metatable)
  end
  metatable.__gc = function() ran = true end
  for i = 1, 2000 do
    collectgarbage("step")
    local _ = { {}, {}, {} }
  end
  equal(ran, false)
  raises("__gc", setmetatable, {}, metatable)
end)

check.fact("a metatable's own __index hides no finalizer", function()
  local ran = false
  local metatable = setmetatable({}, { __index = { __gc = function() ran = true end } })
  for i = 1, 100 do
    setmetatable({}, metatable)
  end
  for i = 1, 2000 do
    collectgarbage("step")
    local _ = { {}, {}, {} }
  end
  equal(ran, false)
end)

check.fact("the collector cannot be stopped or switched", function()
  for _, option in ipairs { "stop", "restart", "incremental", "generational", "setpause", "setstepmul" } do
    raises("collectgarbage%('" .. option .. "'%) is not available: this host is sandboxed", collectgarbage, option)
  end
  raises("bad argument #1 to 'collectgarbage' %(invalid option 'x'%)", collectgarbage, "x")
  equal(math.type(collectgarbage("count")), "float")
  equal(collectgarbage(), 0)
  equal(collectgarbage("collect"), 0)
  equal(type(collectgarbage("step", 1e9)), "boolean")
  equal(collectgarbage("isrunning"), true)
end)

check.fact("nothing of os but the time is there", function()
  for _, name in ipairs { "execute", "exit", "getenv", "remove", "rename", "setlocale", "tmpname" } do
    raises("os." .. name .. " is not available: this host is sandboxed", os[name], "x")
  end
  equal(math.type(os.time()), "integer")
  equal(type(os.date()), "string")
  equal(os.difftime(3, 1), 2.0)
  check.truthy(os.clock() >= 0)
end)

check.fact("nothing of io, and no file is loaded", function()
  for _, name in ipairs { "open", "lines", "popen", "write", "read", "tmpfile", "output", "input" } do
    raises("io." .. name .. " is not available: this host is sandboxed", io[name], "/etc/passwd")
  end
  equal(io.stdout, nil)
  raises("dofile is not available", dofile, "/etc/passwd")
  raises("loadfile is not available", loadfile, "/etc/passwd")
end)

check.fact("nothing of debug but tracebacks", function()
  for _, name in ipairs { "getupvalue", "setupvalue", "upvaluejoin", "getregistry", "getmetatable", "setmetatable",
    "sethook", "getinfo", "getlocal", "getuservalue" } do
    raises("debug." .. name .. " is not available: this host is sandboxed", debug[name], print, 1)
  end
  check.truthy(debug.traceback("here"):find("^here\nstack traceback:"))
end)

check.fact("no C modules", function()
  raises("package.loadlib is not available", package.loadlib, "libc.so.6", "*")
  raises("package.searchpath is not available", package.searchpath, "x", "/etc/?")
  package.cpath = "/usr/lib/lua/5.4/?.so"
  package.path = "/etc/?"
  package.searchers = { function() return function() return "evil" end end }
  raises("module 'lpeg' not found", require, "lpeg")
  raises("module 'passwd' not found", require, "passwd")
end)

check.fact("require reaches no file outside its folders", function()
  for _, name in ipairs { "../support/check", "..support.check", "/etc/passwd", "support/check", "support..check", "",
    ".", "..", "support.check\0", "support.check.", ".support.check", "~", "%2e%2e", "support.check.lua" } do
    raises("module '.*' not found", require, name)
  end
end)

check.fact("what require gives is one's own", function()
  equal(require "string", string)
  equal(require "green", green)
  equal(require "_G", _G)
  require "string".format = nil
  package.loaded.math.pi = 3
  package.loaded["support.check"] = "evil"
  package.preload["cjson"] = function() return "evil" end
  equal(require "cjson", "evil")
end)

check.fact("settings of the JSON module are one's own", function()
  local json = require "cjson"
  json.encode_sparse_array(true)
  json.decode_invalid_numbers(true)
  json.encode_max_depth(1)
  json.encode = nil
  require "cjson.safe".decode = nil
end)

check.fact("coroutines do not leave the sandbox", function()
  local co = coroutine.create(function()
    equal(_ENV, _G)
    coroutine.yield(load("return _ENV")())
    equal(getmetatable(""), false)
    return getmetatable(_G)
  end)
  equal(select(2, coroutine.resume(co)), _G)
  equal(select(2, coroutine.resume(co)), false)
  equal(coroutine.wrap(function() return wait(green.spawn(function() return _G end)) end)(), _G)
  -- The scheduler's own coroutine can be neither resumed nor closed.
  local own = coroutine.running()
  equal(coroutine.wrap(function() return (coroutine.resume(own)) end)(), false)
  check.truthy(not pcall(coroutine.close, own))
end)

check.fact("error objects of the host cannot be changed for others", function()
  local ok, problem = pcall(GreenHttp().get, GreenHttp(), "nonsense://")
  equal(ok, false)
  equal(getmetatable(problem), "HttpError")
  equal(getmetatable(problem), green.HttpError)
  equal(problem.__index, nil)
  equal(problem.__tostring, nil)
  raises("cannot change a protected metatable", setmetatable, problem, {})
  for _, object in ipairs { green.timed_out, green.cancelled } do
    equal(getmetatable(object), false)
    check.truthy(not pcall(function() object.message = "evil" end))
    check.truthy(not pcall(rawset, object, "message", "evil"))
  end
end)

check.fact("objects of the host show no table that they share", function()
  local http, app = GreenHttp(), GreenWSGI(function() end)
  local objects = { http, http.cookies, app, GreenPool(), GreenLock(), green.Event(), green.Queue(), green.locals,
    green.current(), green.spawn(function() end), green.Semaphore(1) }
  for _, object in ipairs(objects) do
    equal(type(getmetatable(object)) == "table", false, tostring(object))
    for _, name in ipairs { "__index", "__newindex", "__gc", "__metatable", "__name", "members" } do
      equal(pcall(function() return assert(object[name]) end), false, tostring(object) .. "." .. name)
    end
  end
end)

check.fact("responses show no table that they share", function()
  local response = GreenHttp { app = function() return 200, { A = "b" }, "text" end }:get("/")
  equal(getmetatable(response), "HttpResponse")
  equal(getmetatable(response.headers), "Headers")
  for _, object in ipairs { response, response.headers } do
    for _, name in ipairs { "__index", "__newindex", "__metatable", "__name" } do
      equal(object[name], nil, name)
    end
    raises("cannot change a protected metatable", setmetatable, object, {})
  end
  response.json, response.text = nil, nil
  rawset(response.headers, "a", "evil")
end)

check.fact("an object that calls itself one of the host's is none", function()
  local fake = setmetatable({ handle = "evil", pool = "evil" },
    { __name = "GreenWSGI", __metatable = "GreenWSGI", __index = function() return "evil" end })
  raises("GreenWSGI", green.call_app, setmetatable({}, { __name = "GreenWSGI", __metatable = "GreenWSGI" }), "GET", "/")
  raises("GreenPool", GreenWSGI, print, fake)
  check.truthy(not pcall(GreenPool().submit, setmetatable({}, { __name = "GreenPool" }), print))
  equal(tostring(setmetatable({}, { __name = "GreenPool" })):match("^GreenPool: "), "GreenPool: ")
end)

check.fact("to be closed is no way out", function()
  local seen
  do
    local guard <close> = setmetatable({}, { __close = function() seen = load("return _ENV")() end })
  end
  equal(seen, _G)
  local co = coroutine.create(function()
    local guard <close> = setmetatable({}, { __close = function() seen = getmetatable("") end })
    coroutine.yield()
  end)
  coroutine.resume(co)
  coroutine.close(co)
  equal(seen, false)
end)

check.fact("a protected metatable stays protected", function()
  local object = setmetatable({}, { __metatable = "mine" })
  equal(getmetatable(object), "mine")
  raises("cannot change a protected metatable", setmetatable, object, {})
  raises("cannot change a protected metatable", setmetatable, setmetatable({}, { __metatable = false }), nil)
end)

check.fact("setmetatable says what it takes like Lua's own", function()
  raises("bad argument #1 to 'setmetatable' %(table expected, got nil%)", setmetatable, nil, {})
  raises("bad argument #2 to 'setmetatable' %(nil or table expected", setmetatable, {})
  raises("bad argument #2 to 'setmetatable' %(nil or table expected", setmetatable, {}, 1)
  local object, metatable = {}, {}
  equal(setmetatable(object, metatable), object)
  equal(getmetatable(setmetatable(object, nil)), nil)
end)

check.fact("metamethods that the host runs see one's own globals", function()
  local seen
  local spy = setmetatable({}, { __tostring = function()
    seen = load("return _ENV")()
    return "spy"
  end })
  equal(tostring(spy), "spy")
  equal(seen, _G)
  pcall(error, spy)
end)

check.fact("handlers of apps get nothing shared", function()
  local status, headers, body = green.call_app(function(request)
    equal(type(getmetatable(request)) == "table", false)
    check.truthy(not pcall(function() request.extra = 1 end) or request.extra == 1)
    string.format = nil
    return 200, { ["X-A"] = "b" }, tostring(getmetatable(request.headers))
  end, "GET", "/")
  equal(status, 200)
  check.truthy(body == "false" or body == "nil", body)
end)

check.fact("copies of the host's tables are one's own, however deep", function()
  check.truthy(shared.deep.list, "set by the runner")
  equal(shared.deep.list[2], 2)
  shared.deep.list[2] = "evil"
  shared.deep = nil
  host_function = nil
  equal(shared.deep, nil)
end)
