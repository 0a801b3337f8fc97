-- green.call_app: an app is asked without a server, and answers as it would over the wire.
local check = require "check"
local green = require "green"

local function fields(headers)
  local joined = {}
  for _, field in ipairs(headers) do
    joined[field[1]:lower()] = field[2]
  end
  return joined
end

-- Status, fields by their names in lower case, body.
local function ask(app, ...)
  local status, headers, body = green.call_app(app, ...)
  return status, fields(headers), body
end

local function get(answer)
  return ask(function() return answer end, "GET", "/")
end

check.fact("a string is a 200 of plain text", function()
  local status, headers, body = green.call_app(function() return "hello" end, "GET", "/")
  check.equal(status, 200)
  check.equal(body, "hello")
  local names = {}
  for i, field in ipairs(headers) do
    names[i] = field[1]
  end
  check.list(names, { "Date", "Content-Type", "Content-Length" })
  check.equal(fields(headers)["content-type"], "text/plain; charset=utf-8")
  check.equal(fields(headers)["content-length"], "5")
end)

check.fact("the request is a real one", function()
  local seen
  ask(function(request)
    seen = {
      request.method, request.path, request.target, request.query_string, request.query.b, request.headers["x-one"],
      request:header("X-Two"), request.host, request.version, request.remote_addr, request.remote_port,
      request.params.id, request.body, n = 13,
    }
    return ""
  end, "POST", "/a%20b?b=1&b=2", { "X-One: 1", "x-two:2", "X-Two:  3 ", "Host: example.org:81" }, "text")
  check.list(seen, {
    "POST", "/a b", "/a%20b?b=1&b=2", "b=1&b=2", "1", "1", "2, 3", "example.org:81", "1.1", "memory", nil, nil,
    "text", n = 13,
  })
end)

check.fact("headers may be told by their names", function()
  local seen
  ask(function(request)
    seen = { request.headers.authorization, request:header("X-Two") }
    return ""
  end, "GET", "/", { Authorization = "Basic eA==", "X-Two: 2" })
  check.list(seen, { "Basic eA==", "2" })
end)

check.fact("without a Host it is that of memory", function()
  local _, _, body = ask(function(request) return request.host end, "GET", "/")
  check.equal(body, "memory")
end)

check.fact("environ tells the same", function()
  local environ
  ask(function(request) environ = request.environ return "" end, "PUT", "/x?y", { "Content-Type: text/x" }, "12345")
  check.equal(environ.REQUEST_METHOD, "PUT")
  check.equal(environ.PATH_INFO, "/x")
  check.equal(environ.QUERY_STRING, "y")
  check.equal(environ.CONTENT_TYPE, "text/x")
  check.equal(environ.CONTENT_LENGTH, "5")
  check.equal(environ.REMOTE_ADDR, "memory")
  check.equal(environ.REMOTE_PORT, nil)
end)

check.fact("all that GreenWSGI takes is an app", function()
  local routes = { ["GET /users/:id"] = function(request) return "user " .. request.params.id end }
  local list = { function() end, function() return 201, "second" end }
  check.equal(select(3, ask(routes, "GET", "/users/7")), "user 7")
  check.equal(ask(list, "GET", "/"), 201)
  check.equal(select(3, ask(GreenWSGI(routes), "GET", "/users/8")), "user 8")
  check.equal(select(3, ask(setmetatable({}, { __call = function() return "called" end }), "GET", "/")), "called")
  check.raises("takes a function, a list of functions or a route table", green.call_app, 5, "GET", "/")
end)

check.fact("routes answer as they do in a server", function()
  local routes = { ["GET /a"] = function() return "a" end }
  check.equal(ask(routes, "GET", "/none"), 404)
  local status, headers = ask(routes, "DELETE", "/a")
  check.equal(status, 405)
  check.equal(headers.allow, "GET, HEAD, OPTIONS")
  check.equal(ask(routes, "OPTIONS", "/a"), 204)
end)

check.fact("response middleware sees the answer", function()
  local app = GreenWSGI(function() error("boo") end, nil, function(_, response) response.headers.Seen = "yes" end)
  local status, headers = ask(app, "GET", "/")
  check.equal(status, 500)
  check.equal(headers.seen, "yes")
end)

check.fact("what closes on the way of an error sees it as it is", function()
  local seen
  local function handler()
    local guard <close> = setmetatable({}, { __close = function(_, problem) seen = problem end })
    error(green.timed_out)
  end
  ask(handler, "GET", "/")
  check.equal(seen, green.timed_out)
  seen = nil
  ask(GreenWSGI(handler, nil, function() end), "GET", "/")
  check.equal(seen, green.timed_out)
end)

check.fact("data in place of a response is an error, with response middleware as well", function()
  local function handler() return { name = "ada" } end
  check.equal(ask(handler, "GET", "/"), 500)
  local problem
  local app = GreenWSGI(handler, nil, function(_, response) problem = response.error end)
  check.equal(ask(app, "GET", "/"), 500)
  check.truthy(problem:find("a table without status, headers and body", 1, true))
end)

check.fact("every form of an answer is taken", function()
  check.equal(select(3, get { status = 202, headers = { A = "b" }, body = { "x", "y" } }), "xy")
  check.equal(select(2, get { status = 202, headers = { A = "b" } }).a, "b")
  check.equal(ask(function() return 204 end, "GET", "/"), 204)
  check.equal(select(3, ask(function() return 201, "made" end, "GET", "/")), "made")
  check.equal(select(3, ask(function() return 202 end, "GET", "/")), "")
  check.equal(ask(function() end, "GET", "/"), 404)
  local status, headers, body = ask(function() return 203, { ["Content-Type"] = "a/b" }, "x" end, "GET", "/")
  check.equal(status, 203)
  check.equal(headers["content-type"], "a/b")
  check.equal(body, "x")
  check.equal(select(3, ask(function() return green.spawn(function() return 200, "later" end) end, "GET", "/")), "later")
end)

check.fact("fields of one name come as often as they are sent, in order", function()
  local _, headers = green.call_app(function() return 200, { ["Set-Cookie"] = { "a=1", "b=2" } }, "" end, "GET", "/")
  local cookies = {}
  for _, field in ipairs(headers) do
    if field[1] == "Set-Cookie" then cookies[#cookies + 1] = field[2] end
  end
  check.list(cookies, { "a=1", "b=2" })
end)

check.fact("a stream is run to its end and joined", function()
  local n = 0
  local status, headers, body = ask(function()
    return 200, { A = "b" }, function()
      n = n + 1
      green.sleep(0)
      return n < 5 and ("piece %d;"):format(n) or nil
    end
  end, "GET", "/")
  check.equal(status, 200)
  check.equal(headers["transfer-encoding"], "chunked")
  check.equal(headers.a, "b")
  check.equal(body, "piece 1;piece 2;piece 3;piece 4;")
end)

check.fact("a long stream does not wait for anybody to take it", function()
  local n, piece = 0, ("x"):rep(100000)
  local _, _, body = ask(function()
    return function()
      n = n + 1
      return n <= 50 and piece or nil
    end
  end, "GET", "/")
  check.equal(#body, 5000000)
end)

check.fact("a stream that holds line ends and chunk heads comes out as it went in", function()
  local pieces = { "0\r\n\r\n", "\r\n", "5\r\nabcde\r\n" }
  local n = 0
  local _, _, body = ask(function() return function() n = n + 1 return pieces[n] end end, "GET", "/")
  check.equal(body, table.concat(pieces))
end)

check.fact("large bodies come whole", function()
  local text = ("0123456789"):rep(300000)
  check.equal(select(3, get(text)), text)
  check.equal(select(3, ask(function(request) return request.body end, "POST", "/", nil, text)), text)
end)

check.fact("HEAD tells the length and sends nothing", function()
  local routes = { ["GET /"] = function() return "hello" end, ["GET /s"] = function() return function() return "x" end end }
  local status, headers, body = ask(routes, "HEAD", "/")
  check.equal(status, 200)
  check.equal(headers["content-length"], "5")
  check.equal(body, "")
  check.equal(select(3, ask(routes, "HEAD", "/s")), "")
end)

check.fact("204 and 304 have neither body nor length", function()
  for _, code in ipairs { 204, 304 } do
    local status, headers, body = ask(function() return code, "not sent" end, "GET", "/")
    check.equal(status, code)
    check.equal(headers["content-length"], nil)
    check.equal(body, "")
  end
end)

check.fact("the body is read in pieces and lines as it is over the wire", function()
  local _, _, body = ask(function(request)
    return table.concat({ request:readline(), request:read(2), request:readline(), tostring(request:readline()) }, "|")
  end, "POST", "/", nil, "one\r\ntwo\n")
  check.equal(body, "one|tw|o|nil")
end)

check.fact("a body nobody reads harms nothing", function()
  check.equal(ask(function() return "x" end, "POST", "/", nil, "unread"), 200)
  local status, headers = ask(function() return "x" end, "POST", "/", nil, ("x"):rep(1000000))
  check.equal(status, 200)
  check.equal(headers.connection, "close")
end)

check.fact("an empty body has a length", function()
  local length, body
  ask(function(request) length, body = request.headers["content-length"], request.body return "" end, "POST", "/", {}, "")
  check.equal(length, "0")
  check.equal(body, "")
end)

check.fact("a Transfer-Encoding sends the body in chunks", function()
  local _, _, body = ask(function(request)
    return tostring(request.headers["content-length"]) .. request.body
  end, "POST", "/", { "Transfer-Encoding: chunked" }, "hello")
  check.equal(body, "nilhello")
end)

check.fact("Expect: 100-continue asks for nothing", function()
  local status, _, body = ask(function(request) return request.body end, "POST", "/", { "Expect: 100-continue" }, "text")
  check.equal(status, 200)
  check.equal(body, "text")
end)

check.fact("what is wrong with a request is answered as over the wire", function()
  local called = false
  local function app() called = true return "" end
  local function refused(expected, method, target, headers, body)
    local status, fields, text = ask(app, method, target, headers, body)
    check.equal(status, expected, method .. " " .. target)
    check.equal(fields.connection, "close")
    check.truthy(#text > 0)
  end
  refused(400, "GET", "no slash")
  refused(400, "GET", "/a b")
  refused(400, "GE T", "/")
  refused(400, "", "/")
  refused(400, "GET", "")
  refused(400, "GET", "/", { "no colon" })
  refused(400, "GET", "/", { "Space : x" })
  refused(400, "GET", "/", { " folded: x" })
  refused(400, "GET", "/", { "A: \0" })
  refused(400, "GET", "/", { "Host: a", "Host: b" })
  refused(400, "POST", "/", { "Content-Length: x" }, "x")
  refused(400, "POST", "/", { "Content-Length: 5" }, "four")
  refused(400, "POST", "/", { "Content-Length: 5" })
  refused(400, "POST", "/", { "Content-Length: 1", "Transfer-Encoding: chunked" }, "x")
  refused(413, "POST", "/", { "Content-Length: 99999999999" }, "x")
  refused(414, "GET", "/" .. ("x"):rep(9000))
  refused(431, "GET", "/", { "A: " .. ("x"):rep(40000) })
  refused(501, "CONNECT", "example.org:443")
  check.equal(called, false)
end)

check.fact("a line break makes no other request of it", function()
  local called = false
  local function app() called = true return "" end
  check.equal(ask(app, "GET", "/ HTTP/1.1\r\nX: y\r\nZ:"), 400)
  check.equal(ask(app, "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET", "/"), 400)
  check.equal(ask(app, "GET", "/", { "A: b\r\nC: d" }), 400)
  check.equal(ask(app, "GET", "/", { "A: b\nC: d" }), 400)
  check.equal(ask(app, "GET", "/", { "A: b\r\n\r\nbody" }), 400)
  check.equal(ask(app, "GET", "/", { "" }), 400)
  check.equal(called, false)
end)

check.fact("an error is a page, and logged with its traceback", function(request, log)
  local status, headers, body = ask(function() error("boo") end, "GET", "/", { "Accept: text/html" })
  check.equal(status, 500)
  check.equal(headers["content-type"], "text/html; charset=utf-8")
  check.truthy(body:find("500 Internal Server Error", 1, true))
  check.truthy(not body:find("boo", 1, true), "the page keeps the details to itself")
end)

check.fact("any value may be raised", function()
  for _, value in ipairs { "text", 5, {}, true, { "list" }, setmetatable({}, { __tostring = function() return "o" end }) } do
    check.equal(ask(function() error(value) end, "GET", "/"), 500)
  end
  check.equal(ask(function() error(nil) end, "GET", "/"), 500)
  check.equal(ask(function() local function deep() return 1 + deep() end return deep() end, "GET", "/"), 500)
  check.equal(ask(function() error(setmetatable({}, { __tostring = error })) end, "GET", "/"), 500)
end)

check.fact("an error with a status is an answer", function()
  local status, headers, body = ask(function() error { status = 404, headers = { A = "b" }, body = "none" } end, "GET", "/")
  check.equal(status, 404)
  check.equal(headers.a, "b")
  check.equal(body, "none")
  local teapot = setmetatable({}, { __index = { status = 418, body = "teapot" } })
  check.equal(select(3, ask(function() error(teapot) end, "GET", "/")), "teapot")
  check.equal(ask(function() error { status = 99 } end, "GET", "/"), 500)
end)

check.fact("an answer that cannot be sent is a 500", function()
  check.equal(get { status = 99 }, 500)
  check.equal(ask(function() return 200, { ["A\r\nB"] = "c" }, "x" end, "GET", "/"), 500)
  check.equal(ask(function() return 200, { A = "b\r\nC: d" }, "x" end, "GET", "/"), 500)
  check.equal(ask(function() return 200, { A = "b\n" }, function() return nil end end, "GET", "/"), 500)
  check.equal(get(true), 500)
  check.equal(get { some = "data" }, 500)
end)

check.fact("a body that is too long or malformed is refused when it is read", function()
  local function app(request) return request.body end
  check.equal(ask(app, "POST", "/", { "Transfer-Encoding: chunked" }, ("x"):rep(17 << 20)), 413)
end)

check.fact("a stream that fails breaks the call off", function()
  local n = 0
  local function app()
    return function()
      n = n + 1
      if n == 3 then error("half-way") end
      return "piece"
    end
  end
  check.raises("broken off", green.call_app, app, "GET", "/")
  check.raises("broken off", green.call_app, function() return function() return 5 end end, "GET", "/")
end)

check.fact("the handler runs in the green that calls", function()
  local mine, theirs = green.current(), nil
  ask(function() theirs = green.current() return "" end, "GET", "/")
  check.equal(theirs, mine)
end)

check.fact("a handler's waits park the caller, and calls do not mix", function()
  local function app(request)
    local body = request:read(3)
    green.sleep(0.01)
    return body .. request.path .. request.body
  end
  local futures = {}
  for i = 1, 20 do
    futures[i] = green.spawn(green.call_app, app, "POST", "/" .. i, {}, ("body %d"):format(i))
  end
  for i, future in ipairs(futures) do
    check.equal(select(3, wait(future)), ("bod/%dy %d"):format(i, i))
  end
end)

check.fact("an app may call another", function()
  local function inner(request) return "inner " .. request.path end
  local function outer(request)
    local _, _, body = green.call_app(inner, "GET", request.path .. "/in")
    return "outer " .. body .. request.path
  end
  check.equal(select(3, ask(outer, "GET", "/x")), "outer inner /x/in/x")
end)

check.fact("a caller that is cancelled gets no answer", function()
  local cleaned = false
  local future = green.spawn(green.call_app, function()
    local guard <close> = setmetatable({}, { __close = function() cleaned = true end })
    green.sleep(1000)
  end, "GET", "/")
  green.sleep(0)
  future:cancel()
  check.raises("cancelled", wait, future)
  check.equal(cleaned, true)
end)

check.fact("a caller's timeout ends the call, a handler's own is its error", function()
  local function slow() green.sleep(1000) end
  local ok, problem = pcall(green.timeout, 0.01, green.call_app, slow, "GET", "/")
  check.equal(ok, false)
  check.equal(problem, green.timed_out)
  check.equal(ask(function() return green.timeout(0.01, green.sleep, 1000) end, "GET", "/"), 500)
  local status = green.timeout(1000, green.call_app, function() green.timeout(0.01, slow) end, "GET", "/")
  check.equal(status, 500)
end)

check.fact("a request that is kept is over when the call is", function()
  local kept
  ask(function(request) kept = request return "" end, "POST", "/x", { "A: b" }, "unread")
  check.equal(kept.path, "/x")
  check.equal(kept.headers.a, "b")
  check.equal(kept.remote_addr, nil)
  check.raises("the request is over", function() return kept.body end)
end)

check.fact("what is no method, target, header or body is refused at once", function()
  local function app() return "" end
  check.raises("bad argument #2 to 'call_app' %(method: string expected, got nil%)", green.call_app, app)
  check.raises("#3 to 'call_app' %(target: string expected, got table%)", green.call_app, app, "GET", {})
  check.raises("#4 to 'call_app' %(headers: table expected, got string%)", green.call_app, app, "GET", "/", "A: b")
  check.raises("#4 to 'call_app' %(header line: string expected, got table%)", green.call_app, app, "GET", "/", { {} })
  check.raises("#4 to 'call_app' %(header A: string expected, got number%)", green.call_app, app, "GET", "/", { A = 1 })
  check.raises("#5 to 'call_app' %(body: string expected, got number%)", green.call_app, app, "GET", "/", {}, 5)
end)
