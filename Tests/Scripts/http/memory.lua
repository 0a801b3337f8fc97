-- GreenHttp { app = handler }: an app is asked without a network.
local check = require "support.check"
local green = require "green"

local function client(app, options)
  options = options or {}
  options.app = app
  return GreenHttp(options)
end

-- What the app is told, by a client with these options.
local function told(method, url, options, of_client)
  local seen
  local http = client(function(request)
    seen = { method = request.method, target = request.target, headers = {}, body = request.body, host = request.host }
    for _, name in ipairs { "content-type", "authorization", "user-agent", "accept", "x-one" } do
      seen.headers[name] = request.headers[name]
    end
    return ""
  end, of_client)
  http:request(method, url, options)
  return seen
end

check.fact("an app answers as a server would", function()
  local http = client(function(request)
    return 201, { ["X-One"] = "1", ["Content-Type"] = "application/json" }, '{"path":"' .. request.path .. '"}'
  end)
  local r = http:get("/a/b")
  check.equal(r.status_code, 201)
  check.equal(r.status, "201 Created")
  check.equal(r.ok, true)
  check.equal(r.headers["x-one"], "1")
  check.equal(r:json().path, "/a/b")
  check.equal(r.url, "http://app/a/b")
  check.equal(r.method, "GET")
  check.equal(#r.history, 0)
  check.equal(r:raise_for_status(), r)
  check.equal(r.http_version, "1.1")
end)

check.fact("anything that GreenWSGI takes is an app", function()
  local routes = { ["GET /users/:id"] = function(request) return "user " .. request.params.id end }
  check.equal(client(routes):get("/users/7"):text(), "user 7")
  check.equal(client(routes):get("/none").status_code, 404)
  check.equal(client(GreenWSGI(routes)):get("/users/8"):text(), "user 8")
end)

check.fact("what is no app is refused where the client is made", function()
  for _, app in ipairs { 5, "x", {}, { ["GET /"] = 5 } } do
    check.raises("^[^\n]*memory.lua:%d+: GreenHttp: option 'app': ", function() return client(app), 1 end)
  end
end)

check.fact("every verb arrives", function()
  for _, method in ipairs { "get", "options", "post", "put", "patch", "delete" } do
    local http = client(function(request) return request.method end)
    check.equal(http[method](http, "/"):text(), method:upper())
  end
end)

check.fact("HEAD has a length and no body", function()
  local r = client { ["GET /"] = function() return "hello" end }:head("/")
  check.equal(r.status_code, 200)
  check.equal(r.headers["content-length"], "5")
  check.equal(r.content, "")
end)

check.fact("URLs, params and headers are as over a network", function()
  local seen = told("GET", "/a b?x=1#part", { params = { y = { 1, "ü" } }, headers = { ["X-One"] = "1" } })
  check.equal(seen.target, "/a%20b?x=1&y=1&y=%c3%bc")
  check.equal(seen.headers["x-one"], "1")
  check.equal(seen.host, "app")
  check.truthy(seen.headers["user-agent"]:find("^greenhouse/"))
  check.equal(seen.headers.accept, "*/*")
  seen = told("GET", "https://example.org:8443/x", { headers = { ["User-Agent"] = false } })
  check.equal(seen.host, "example.org:8443")
  check.equal(seen.headers["user-agent"], nil)
  seen = told("GET", "x", nil, { base_url = "http://api.test/v1/", headers = { ["X-One"] = "c" }, params = { k = 1 } })
  check.equal(seen.target, "/v1/x?k=1")
  check.equal(seen.host, "api.test")
  check.equal(seen.headers["x-one"], "c")
end)

check.fact("what is wrong with a request is told as over a network", function()
  local http = client(function() return "" end)
  for _, case in ipairs {
    { "GET", "file:///etc/passwd" }, { "G T", "/" }, { "GET", "/", { headers = { X = "a\r\nY: b" } } },
    { "GET", "/", { tiemout = 1 } }, { "GET", "/\r\nX: y" }, { "GET", "/", { cookies = { a = "b\r\n" } } },
  } do
    check.raises("", http.request, http, table.unpack(case))
  end
  local e = check.raises("basic and bearer only", http.get, http, "/", { auth = { "a", "b", type = "digest" } })
  check.equal(e.kind, "invalid")
end)

check.fact("bodies are strings, forms, json and functions", function()
  check.equal(told("POST", "/", { data = "a\0b" }).body, "a\0b")
  local seen = told("POST", "/", { data = { a = "ü b" } })
  check.equal(seen.body, "a=%C3%BC+b")
  check.equal(seen.headers["content-type"], "application/x-www-form-urlencoded")
  seen = told("POST", "/", { json = { a = 1 } })
  check.equal(seen.body, '{"a":1}')
  check.equal(seen.headers["content-type"], "application/json")
  local n = 0
  local function body()
    n = n + 1
    green.sleep(0)
    return n < 4 and tostring(n) or nil
  end
  check.equal(told("POST", "/", { data = body }).body, "123")
  local http = client(function() return "" end)
  check.raises("the body function gave a number", http.post, http, "/", { data = function() return 5 end })
  check.raises("mine", http.post, http, "/", { data = function() error("mine") end })
end)

check.fact("files arrive as a multipart form", function()
  local path = os.tmpname()
  local guard <close> = setmetatable({}, { __close = function() os.remove(path) end })
  local file = assert(io.open(path, "w"))
  file:write("from a file")
  file:close()
  local seen = told("POST", "/", {
    data = { k = "v" }, files = { a = { path = path, filename = "x\"y.txt", type = "text/plain" }, b = "content" },
  })
  local boundary = seen.headers["content-type"]:match("^multipart/form%-data; boundary=(.+)$")
  local expected = table.concat({
    "--B", 'Content-Disposition: form-data; name="k"', "", "v",
    "--B", 'Content-Disposition: form-data; name="a"; filename="x%22y.txt"', "Content-Type: text/plain", "",
    "from a file",
    "--B", 'Content-Disposition: form-data; name="b"; filename="b"', "Content-Type: application/octet-stream", "",
    "content",
    "--B--", "",
  }, "\r\n")
  check.equal((seen.body:gsub(boundary:gsub("%-", "%%-"), "B")), expected)
  check.raises("files: /not/there", told, "POST", "/", { files = { f = { path = "/not/there" } } })
end)

check.fact("auth is told to the app", function()
  check.equal(told("GET", "/", { auth = { "user", "pass" } }).headers.authorization, "Basic dXNlcjpwYXNz")
  for text, encoded in pairs { [""] = "dTo=", a = "dTph", ab = "dTphYg==", abc = "dTphYmM=" } do
    check.equal(told("GET", "/", { auth = { "u", text } }).headers.authorization, "Basic " .. encoded)
  end
  check.equal(told("GET", "/", { auth = { bearer = "t" } }).headers.authorization, "Bearer t")
  check.equal(told("GET", "http://u:p@x/", nil).headers.authorization, "Basic dTpw")
  local seen = told("GET", "/", { auth = { "u", "p" }, headers = { Authorization = "own" } })
  check.equal(seen.headers.authorization, "own")
end)

check.fact("a login and what comes after it", function()
  local app = {
    ["POST /login"] = function(request)
      if request.body ~= "name=me" then
        return 403
      end
      return 303, { Location = "/home", ["Set-Cookie"] = { "session=s1; Path=/; HttpOnly", "seen=1; Path=/other" } }, ""
    end,
    ["GET /home"] = function(request) return "cookies " .. tostring(request.headers.cookie) end,
    ["GET /logout"] = function()
      return 302, { Location = "home", ["Set-Cookie"] = "session=; Path=/; Max-Age=0" }, ""
    end,
  }
  local http = client(app)
  check.equal(http:get("/home"):text(), "cookies nil")
  local r = http:post("/login", { data = { name = "me" } })
  check.equal(r:text(), "cookies session=s1")
  check.equal(r.method, "GET")
  check.equal(r.history[1].status_code, 303)
  check.equal(r.history[1].headers.location, "/home")
  check.equal(r.cookies.session, "s1")
  check.equal(http.cookies:get("session"), "s1")
  check.equal(http:get("/home"):text(), "cookies session=s1")
  check.equal(http:get("/logout"):text(), "cookies nil")
  check.equal(#http.cookies:list(), 1)
end)

check.fact("cookies keep to host, path, scheme and time", function()
  local function app(request)
    local line = request.query.set
    return 200, line and { ["Set-Cookie"] = line } or {}, tostring(request.headers.cookie)
  end
  local http = client(app)
  local function sent(url)
    return http:get(url):text()
  end
  http:get("http://www.example.org/dir/x", { params = { set = "a=1" } })
  check.equal(sent("http://www.example.org/dir/y"), "a=1")
  check.equal(sent("http://www.example.org/directory"), "nil")
  check.equal(sent("http://example.org/dir/y"), "nil")
  http.cookies:clear()
  http:get("http://www.example.org/", { params = { set = "b=1; Domain=example.org; Path=/" } })
  check.equal(sent("http://example.org/x"), "b=1")
  http.cookies:clear()
  for _, line in ipairs { "c=1; Domain=other.test", "c=1; Domain=org", "c=1; Secure", "=1", "" } do
    http:get("http://www.example.org/", { params = { set = line } })
    check.equal(#http.cookies:list(), 0, line)
  end
  http:get("https://www.example.org/", { params = { set = "d=1; Secure" } })
  check.equal(sent("https://www.example.org/"), "d=1")
  check.equal(sent("http://www.example.org/"), "nil")
  http:get("https://www.example.org/", { params = { set = "d=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT" } })
  check.equal(sent("https://www.example.org/"), "nil")
  http:get("/", { params = { set = "e=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT" } })
  check.equal(sent("/"), "e=1")
  check.equal(http:get("/", { cookies = { f = 2 } }):text(), "e=1; f=2")
  check.equal(http:get("/", { store_cookies = false }):text(), "nil")
end)

check.fact("redirects follow the same rules", function()
  local app = {
    ["GET,POST,PUT /to"] = function(request)
      return tonumber(request.query.code), { Location = request.query.to }, ""
    end,
    ["GET,POST,PUT /echo"] = function(request)
      return 200, {}, ("%s %s %s %s"):format(request.method, request.body, tostring(request.headers.authorization),
        tostring(request.headers.cookie))
    end,
    ["GET,POST,PUT /loop"] = function() return 302, { Location = "/loop" }, "" end,
    ["GET,POST,PUT /nowhere"] = function() return 302 end,
  }
  local http = client(app)
  local function ask(method, code, to, options)
    options = options or {}
    options.params = { code = code, to = to }
    return http:request(method, "/to", options)
  end
  check.equal(ask("POST", 302, "/echo", { data = "x" }):text(), "GET  nil nil")
  check.equal(ask("POST", 307, "/echo", { data = "x" }):text(), "POST x nil nil")
  check.equal(ask("PUT", 301, "/echo", { data = "x" }):text(), "PUT x nil nil")
  check.equal(ask("PUT", 303, "echo", { data = "x" }):text(), "GET  nil nil")
  local secrets = { auth = { "u", "p" }, cookies = { a = "1" } }
  check.equal(ask("GET", 302, "/echo", secrets):text(), "GET  Basic dTpw a=1")
  check.equal(ask("GET", 302, "//other/echo", secrets):text(), "GET  nil nil")
  check.equal(ask("GET", 302, "//other/echo").url, "http://other/echo")
  local e = check.raises("more than 10 redirects", http.get, http, "/loop")
  check.equal(e.kind, "redirect")
  check.raises("more than 2 redirects", http.get, http, "/loop", { max_redirects = 2 })
  check.equal(http:get("/loop", { allow_redirects = false }).status_code, 302)
  check.equal(http:get("/nowhere").status_code, 302)
  e = check.raises("expected http:// or https://", ask, "GET", 302, "file:///etc/passwd")
  check.equal(e.kind, "redirect")
  local n = 0
  local function body() n = n + 1 return n == 1 and "x" or nil end
  check.raises("cannot be sent twice", ask, "POST", 307, "/echo", { data = body })
  n = 0
  check.equal(ask("POST", 303, "/echo", { data = body }):text(), "GET  nil nil")
end)

check.fact("a body is read in pieces and lines", function()
  local http = client(function() return function() return nil end end)
  check.equal(http:get("/").content, "")
  http = client(function() return "one\ntwo\r\nthree" end)
  local r = http:get("/", { stream = true })
  check.equal(r:read(2), "on")
  local lines = {}
  for line in r:iter_lines() do
    lines[#lines + 1] = line
  end
  check.list(lines, { "e", "two", "three" })
  lines = {}
  for line in http:get("/"):iter_lines() do
    lines[#lines + 1] = line
  end
  check.list(lines, { "one", "two", "three" })
end)

check.fact("hooks are called", function()
  local calls = {}
  local http = client(function() return "text" end, { hooks = {
    before_request = function(asked) calls[#calls + 1] = asked.method end,
    on_headers = function(r) calls[#calls + 1] = r.status_code end,
    after_response = function(r) calls[#calls + 1] = r.content end,
  } })
  http:get("/")
  check.list(calls, { "GET", 200, "text" })
end)

check.fact("an error of the app is a 500", function()
  local r = client(function() error("boo") end):get("/")
  check.equal(r.status_code, 500)
  check.truthy(harness:log():find("boo", 1, true))
  local e = check.raises("500", r.raise_for_status, r)
  check.equal(e.response, r)
end)

check.fact("a stream that breaks off is an error", function()
  local http = client(function() return function() error("half-way") end end)
  local e = check.raises("broken off", http.get, http, "/")
  check.equal(e.kind, "connection")
  harness:log()
end)

check.fact("timeout and max_body hold", function()
  local http = client(function(request)
    if request.path == "/slow" then
      green.sleep(100)
    end
    return ("x"):rep(1000)
  end)
  local e = check.raises("no response within 0.01", http.get, http, "/slow", { timeout = 0.01 })
  check.equal(e.kind, "timeout")
  e = check.raises("max_body", http.get, http, "/", { max_body = 999 })
  check.equal(e.kind, "too_large")
  check.equal(#http:get("/", { timeout = 10, max_body = 1000 }).content, 1000)
end)

check.fact("greens ask at the same time, and apps ask apps", function()
  local inner = client(function(request) green.sleep(0.001) return request.path end)
  local outer = client(function(request) return "outer " .. inner:get(request.path):text() end)
  local futures = {}
  for i = 1, 20 do
    futures[i] = green.spawn(outer.get, outer, "/" .. i)
  end
  for i, future in ipairs(futures) do
    check.equal(wait(future):text(), "outer /" .. i)
  end
end)

check.fact("a closed client asks no app", function()
  local http = client(function() return "" end)
  http:close()
  check.raises("closed", http.get, http, "/")
end)
