-- The rules of GreenWSGI that scripts see without a server. Each fact runs in a green of its own that is no pool's
-- worker; `request` is a real one, of the GET that the runner sends.
local check = require "check"
local green = require "green"

check.fact("its parts are public", function()
  local pool, app, after = GreenPool(3), function() end, function() end
  local wsgi = GreenWSGI(app, pool, after)
  check.equal(wsgi.middleware[1], app)
  check.equal(wsgi.pool, pool)
  check.equal(wsgi.response_middleware[1], after)
  check.equal(green.GreenWSGI, GreenWSGI)
end)

check.fact("outside a worker a call gives a future of the answer", function(request)
  local wsgi = GreenWSGI(function(r) return 201, { A = "b" }, r.path end)
  local future = wsgi(request)
  check.equal(type(future), "userdata")
  check.equal(future:done(), false)
  local status, headers, body = wait(future)
  check.equal(status, 201)
  check.equal(headers.A, "b")
  check.equal(body, "/fact")
end)

check.fact("inside a worker a call gives the answer", function(request)
  local wsgi = GreenWSGI(function() return "inline" end)
  check.equal(wait(GreenPool():submit(function() return wsgi(request) end)), "inline")
end)

check.fact("the first answer that is not nil wins, and the rest is not called", function(request)
  local calls = {}
  local function part(name, answer)
    return function()
      calls[#calls + 1] = name
      return answer
    end
  end
  local wsgi = GreenWSGI { part("a"), part("b", "answer"), part("c", "late") }
  check.equal(wait(wsgi(request)), "answer")
  check.list(calls, { "a", "b" })
end)

check.fact("false, 0 and an empty list are answers", function(request)
  check.equal(wait(GreenWSGI { function() return false end, function() return "x" end }(request)), false)
  check.equal(wait(GreenWSGI { function() return 0 end, function() return "x" end }(request)), 0)
  check.equal(type(wait(GreenWSGI { function() return {} end, function() return "x" end }(request))), "table")
end)

check.fact("all nil is nil, for whoever is around", function(request)
  check.equal(wait(GreenWSGI { function() end, function() end }(request)), nil)
end)

check.fact("futures among the answers are waited for", function(request)
  local function later(...)
    local values = table.pack(...)
    return function()
      return green.spawn(function()
        green.sleep(0)
        return table.unpack(values, 1, values.n)
      end)
    end
  end
  local status, headers, body = wait(GreenWSGI { later(nil), later(202, { A = "b" }, "late"), later("no") }(request))
  check.equal(status, 202)
  check.equal(headers.A, "b")
  check.equal(body, "late")
end)

check.fact("lists and route tables nest in lists", function(request)
  local order = {}
  local function note(name, answer)
    return function()
      order[#order + 1] = name
      return answer
    end
  end
  local wsgi = GreenWSGI { { note("a"), note("b") }, { ["/other"] = note("route") }, note("c", "end") }
  check.equal(wait(wsgi(request)), "end")
  check.list(order, { "a", "b", "c" })
end)

check.fact("a GreenWSGI nests in a GreenWSGI, also when its own pool is closed", function(request)
  local pool = GreenPool(1)
  local inner = GreenWSGI({ function() end, function(r) return 203, {}, "inner " .. r.path end }, pool)
  local outer = GreenWSGI { function() end, inner, function() return "not reached" end }
  local status, _, body = wait(outer(request))
  check.equal(status, 203)
  check.equal(body, "inner /fact")
  pool:shutdown()
  check.equal(wait(outer(request)), 203)
end)

check.fact("a closed pool raises at the call", function(request)
  local pool = GreenPool()
  pool:shutdown()
  check.raises("cannot schedule new futures after shutdown", GreenWSGI(function() return "x" end, pool), request)
end)

check.fact("an error of the app is the future's", function(request)
  local future = GreenWSGI(function() error("boo") end)(request)
  check.raises("boo", wait, future)
end)

check.fact("response middleware gets a table and may change it", function(request)
  local wsgi = GreenWSGI(function() return 201, { A = "1" }, "body" end, nil, {
    function(r, response)
      check.equal(r, request)
      check.equal(response.status, 201)
      response.headers.B = "2"
    end,
    function(_, response)
      check.equal(response.headers.B, "2", "in the order of the list")
      response.body = response.body .. "!"
      return nil
    end,
  })
  local response = wait(wsgi(request))
  check.equal(response.status, 201)
  check.equal(response.headers.A, "1")
  check.equal(response.body, "body!")
end)

check.fact("response middleware may replace the response, also by a future", function(request)
  local wsgi = GreenWSGI(function() return "old" end, nil, {
    function() return green.spawn(function() return { status = 202, body = "new" } end) end,
    function(_, response)
      check.equal(response.body, "new")
      response.headers.C = "3"
      return false
    end,
    function() return 299, { D = "4" }, "newest" end,
  })
  local response = wait(wsgi(request))
  check.equal(response.status, 299)
  check.equal(response.headers.D, "4")
  check.equal(response.body, "newest")
end)

check.fact("response middleware sees 404s and thrown answers", function(request)
  local seen
  local function note(_, response) seen = response.status end
  wait(GreenWSGI(function() end, nil, note)(request))
  check.equal(seen, 404)
  wait(GreenWSGI(function() error { status = 410, body = "gone" } end, nil, note)(request))
  check.equal(seen, 410)
end)

check.fact("what response middleware adds to one answer is not in the next", function(request)
  local shared = { status = 200, headers = { A = "1" }, body = "x" }
  local wsgi = GreenWSGI(function() return shared end, nil, function(_, response) response.headers.Secret = "s" end)
  check.equal(wait(wsgi(request)).headers.Secret, "s")
  check.equal(shared.headers.Secret, nil)
end)

check.fact("an error in response middleware escapes through the future", function(request)
  local wsgi = GreenWSGI(function() return "x" end, nil, function() error("late") end)
  check.raises("late", wait, wsgi(request))
end)

check.fact("a cancelled handler is cancelled through response middleware", function(request)
  local wsgi = GreenWSGI(function() green.sleep(1000) end, nil, function() error("must not be asked") end)
  local future = wsgi(request)
  green.sleep(0)
  future:cancel()
  check.raises("cancelled", wait, future)
end)

check.fact("what cannot be an app, a pool or middleware is refused at once", function()
  check.raises("takes a function, a list of functions or a route table; got number", GreenWSGI, 5)
  check.raises("empty table", GreenWSGI, {})
  check.raises("got boolean", GreenWSGI, { true })
  check.raises("a handler function was expected", GreenWSGI, { ["GET /"] = 5 })
  check.raises("put a route table into the list", GreenWSGI, { function() end, ["GET /"] = function() end })
  check.raises("runs in a GreenPool; got function", GreenWSGI, function() end, function() end)
  check.raises("response middleware is a function", GreenWSGI, function() end, nil, { 5 })
end)

check.fact("what cannot be an app is told where the script gave it", function()
  local place = debug.getinfo(1, "S").short_src .. ":" .. debug.getinfo(1, "l").currentline + 1 .. ": "
  local _, problem = pcall(function() local app = GreenWSGI({ ["GET /"] = 5 }) return app end)
  check.equal(problem, place .. 'route "GET /": a handler function was expected, got number')
end)

check.fact("a bad route is named", function()
  check.raises("GET", GreenWSGI, { ["GET"] = function() end })
end)
