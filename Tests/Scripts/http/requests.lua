-- What goes out: methods, URLs, parameters, headers, bodies.
local check = require "support.check"
local echo_of = require "support.echo"
local green = require "green"

local raw = "http://" .. servers.RAW
local http = GreenHttp { base_url = raw, timeout = 20 }

local function echoed(method, options, url)
  return echo_of(http:request(method, url or "/echo", options))
end

local function query(params, url)
  return echoed("GET", { params = params }, url or "/echo").target:match("%?(.*)$")
end

check.fact("every verb has a method, and sends its name", function()
  for _, method in ipairs { "get", "options", "post", "put", "patch", "delete" } do
    check.equal(echo_of(http[method](http, "/echo")).method, method:upper())
  end
  local r = http:head("/echo")
  check.equal(r.status_code, 200)
  check.equal(r.content, "")
  check.equal(r.method, "HEAD")
end)

check.fact("request takes any method's name, in any case", function()
  check.equal(echoed("propfind").method, "PROPFIND")
  check.equal(echoed("M-SEARCH").method, "M-SEARCH")
  check.equal(echoed("TRACE").method, "TRACE")
end)

check.fact("one method leaves nothing behind for the next", function()
  local own = GreenHttp { base_url = raw }
  local bodies = { POST = "text", PUT = "other", DELETE = "why", PATCH = function() end, LINK = { a = 1 } }
  for _, first in ipairs { "POST", "PUT", "DELETE", "PATCH", "LINK", "HEAD", "OPTIONS" } do
    for _, second in ipairs { "GET", "PUT", "DELETE", "POST", "OPTIONS" } do
      own:request(first, "/echo", bodies[first] and { data = bodies[first] } or nil)
      local seen = echo_of(own:request(second, "/echo"))
      local label = first .. " then " .. second
      check.equal(seen.method, second, label)
      check.equal(seen.body, "", label)
      check.equal(seen.headers["content-type"], nil, label)
      check.equal(seen.headers["transfer-encoding"], nil, label)
      check.equal(seen.headers["content-length"], (second == "PUT" or second == "POST") and "0" or nil, label)
    end
  end
  own:post("/echo", { files = { a = "b" } })
  check.equal(echo_of(own:get("/echo")).method, "GET")
  check.equal(echo_of(own:put("/echo", { data = "x" })).body, "x")
end)

check.fact("methods that expect a body say when there is none", function()
  for _, method in ipairs { "POST", "PUT", "PATCH" } do
    local seen = echoed(method)
    check.equal(seen.headers["content-length"], "0", method)
    check.equal(seen.headers["content-type"], nil, method)
  end
end)

check.fact("params are put behind the URL, sorted by their names", function()
  check.equal(query { b = 2, a = "x", c = true, d = 1.5 }, "a=x&b=2&c=true&d=1.5")
end)

check.fact("a list repeats its name", function()
  check.equal(query { a = { 1, 2, "3" } }, "a=1&a=2&a=3")
end)

check.fact("a list of pairs keeps its order", function()
  check.equal(query { { "b", 1 }, { "a", 2 }, { "b", 3 } }, "b=1&a=2&b=3")
end)

check.fact("a string is taken as it is, but for what cannot stand in a URL", function()
  check.equal(query("a=1&b=%20x+y"), "a=1&b=%20x+y")
  check.equal(query("q=a b#c\"é\r\nX: y"), "q=a%20b%23c%22%c3%a9%0d%0aX:%20y")
end)

check.fact("params are escaped so that any text comes through", function()
  local text = query { ["a&=b"] = "ü &=+#%/?\0\r\n\xff" }
  check.equal(text:lower(), "a%26%3db=%c3%bc+%26%3d%2b%23%25%2f%3f%00%0d%0a%ff")
end)

check.fact("params are added to those of the URL, before its fragment", function()
  check.equal(query({ b = 2 }, "/echo?a=1"), "a=1&b=2")
  check.equal(query({ b = 2 }, "/echo?a=1#part"), "a=1&b=2")
  check.equal(query("b=2", "/echo#part"), "b=2")
  check.equal(query({}, "/echo?a=1"), "a=1")
end)

check.fact("a client's params are in each request, unless it has its own of that name", function()
  local own = GreenHttp { base_url = raw, params = { key = "k", page = 1 } }
  check.equal(echo_of(own:get("/echo")).target, "/echo?key=k&page=1")
  check.equal(echo_of(own:get("/echo", { params = { page = 7, x = 1 } })).target, "/echo?key=k&page=7&x=1")
  check.equal(echo_of(own:get("/echo", { params = "y=2" })).target, "/echo?key=k&page=1&y=2")
end)

check.fact("URLs are relative to base_url as RFC 3986 says", function()
  local own = GreenHttp { base_url = raw .. "/a/b?c" }
  for url, target in pairs {
    ["/echo"] = "/echo", ["../echo"] = "/echo", ["../echo?x=1"] = "/echo?x=1", ["/echo/../echo/x"] = "/echo/x",
  } do
    check.equal(echo_of(own:get(url)).target, target, url)
  end
  check.equal(own:get(servers.HTTP .. "/small.txt"):text(), "small\n")
end)

check.fact("what may not stand in a URL is escaped", function()
  check.equal(echoed("GET", nil, raw .. "/echo/kö ln\"<>?q=ä b").target, "/echo/k%C3%B6%20ln%22%3C%3E?q=%C3%A4%20b")
  check.equal(echoed("GET", nil, raw .. "/echo/%41?a%2fb").target, "/echo/%41?a%2fb")
end)

check.fact("a response tells the URL that was asked for", function()
  check.equal(http:get("/echo", { params = { a = 1 } }).url, raw .. "/echo?a=1")
end)

check.fact("a client names itself, and takes what it can unpack", function()
  local seen = echoed("GET")
  check.truthy(seen.headers["user-agent"]:find("^greenhouse/"))
  check.equal(seen.headers.accept, "*/*")
  for _, coding in ipairs { "gzip", "deflate", "br", "zstd" } do
    check.truthy(seen.headers["accept-encoding"]:find(coding, 1, true), coding)
  end
  check.equal(echoed("GET", { decompress = false }).headers["accept-encoding"], nil)
end)

check.fact("headers are set for a client and for a request, which comes first", function()
  local own = GreenHttp { base_url = raw, headers = { ["X-One"] = "1", ["X-Two"] = 2, ["User-Agent"] = "mine" } }
  local seen = echo_of(own:get("/echo", { headers = { ["x-two"] = "two", ["X-Three"] = "" } }))
  check.equal(seen.headers["x-one"], "1")
  check.equal(seen.headers["x-two"], "two")
  check.equal(seen.headers["x-three"], "")
  check.equal(seen.headers["user-agent"], "mine")
  check.equal(echo_of(own:get("/echo")).headers["x-two"], "2")
end)

check.fact("false takes a header out, also one that the client would send by itself", function()
  local own = GreenHttp { base_url = raw, headers = { ["X-One"] = "1", Accept = false } }
  local seen = echo_of(own:get("/echo", { headers = { ["x-one"] = false, ["User-Agent"] = false } }))
  check.list(seen.names, { "host", "accept-encoding" })
  check.truthy(echo_of(own:get("/echo")).headers["user-agent"])
end)

check.fact("several fields of one name are a list", function()
  check.equal(echoed("GET", { headers = { ["X-A"] = { "1", "2" } } }).headers["x-a"], "1, 2")
  check.equal(echoed("GET", { headers = { { "X-A", "2" }, { "X-A", "1" } } }).headers["x-a"], "2, 1")
end)

check.fact("Host can be set", function()
  check.equal(echoed("GET", { headers = { Host = "example.org" } }).headers.host, "example.org")
end)

check.fact("a string is sent as it is, without a type", function()
  local text = "a\0b\r\n\xff"
  local seen = echoed("POST", { data = text })
  check.equal(seen.body, text)
  check.equal(seen.headers["content-length"], tostring(#text))
  check.equal(seen.headers["content-type"], nil)
  check.equal(echoed("POST", { data = "" }).headers["content-length"], "0")
  check.equal(echoed("PUT", { data = 12 }).body, "12")
  check.equal(echoed("DELETE", { data = "why" }).body, "why")
  check.equal(echoed("GET", { data = "query" }).body, "query")
end)

check.fact("a table is sent as a form", function()
  local seen = echoed("POST", { data = { a = "ü b", b = { 1, 2 }, ["c&"] = "=~\0" } })
  check.equal(seen.headers["content-type"], "application/x-www-form-urlencoded")
  check.equal(seen.body, "a=%C3%BC+b&b=1&b=2&c%26=%3D%7E%00")
  check.equal(echoed("POST", { data = { { "b", 1 }, { "a", 2 } } }).body, "b=1&a=2")
end)

check.fact("json is encoded, false and nested tables too", function()
  local seen = echoed("POST", { json = { list = { 1, 2 }, text = "ü" } })
  check.equal(seen.headers["content-type"], "application/json")
  local decoded = require("cjson").decode(seen.body)
  check.equal(decoded.text, "ü")
  check.list(decoded.list, { 1, 2 })
  check.equal(echoed("POST", { json = false }).body, "false")
  check.raises("json: ", http.post, http, "/echo", { json = print })
end)

check.fact("content_type and a Content-Type header say the type", function()
  check.equal(echoed("POST", { data = "<a/>", content_type = "text/xml" }).headers["content-type"], "text/xml")
  check.equal(echoed("POST", { json = {}, content_type = "a/b" }).headers["content-type"], "a/b")
  local seen = echoed("POST", { json = {}, headers = { ["content-type"] = "application/x+json" } })
  check.equal(seen.headers["content-type"], "application/x+json")
end)

check.fact("a function is sent in chunks", function()
  local pieces = { "one", "", "two" }
  local n = 0
  local seen = echoed("POST", { data = function() n = n + 1 return pieces[n] end })
  check.equal(seen.headers["transfer-encoding"], "chunked")
  check.truthy(seen.body:find("one", 1, true) and seen.body:find("two", 1, true))
end)

check.fact("something with __call is a body too", function()
  local n = 0
  local callable = setmetatable({}, { __call = function() n = n + 1 return n < 3 and "x" or nil end })
  check.truthy(http:post("/swallow", { data = callable }):json().bytes == 2)
end)

check.fact("Expect waits for the go-ahead", function()
  check.equal(http:post("/continue", { data = "12345", expect = true }):text(), "expected 5 bytes")
  check.equal(http:post("/continue", { data = "12345" }):text(), "unexpected 5 bytes")
  check.equal(http:post("/continue", { data = ("x"):rep(3 << 20) }):text(), "unexpected 3145728 bytes")
  check.equal(http:get("/echo", { expect = true }).ok, true)
end)

check.fact("a server that knows no Expect is asked without", function()
  for _, page in ipairs { "/expect-417", "/expect-417?close=1" } do
    for _, data in ipairs { "12345", { a = 1 } } do
      local r = http:post(page, { data = data, expect = true })
      check.equal(r.status_code, 200, page)
      check.equal(#r.history, 0)
    end
    local n = 0
    local r = http:put(page, { expect = true, data = function() n = n + 1 return n == 1 and "12345" or nil end })
    check.equal(r.status_code, 200, page)
    r = http:request("GET", page, { data = "query", expect = true, stream = true })
    check.equal(r.status_code, 200, page)
    check.truthy(r.content:find("5", 1, true))
  end
end)

local function parts_of(seen)
  local boundary = seen.headers["content-type"]:match("^multipart/form%-data; boundary=(%S+)$")
  check.truthy(boundary, seen.headers["content-type"])
  local parts, from = {}, 1
  while true do
    local _, stop = seen.body:find("--" .. boundary, from, true)
    if seen.body:sub(stop + 1, stop + 2) == "--" then
      return parts
    end
    local start = seen.body:find("\r\n--" .. boundary, stop, true)
    local head, body = seen.body:sub(stop + 3, start - 1):match("^(.-)\r\n\r\n(.*)$")
    parts[#parts + 1] = { head = head, body = body }
    from = start + 2
  end
end

check.fact("files are sent as a multipart form, with data as fields before them", function()
  local parts = parts_of(echoed("POST", {
    data = { key = "value", list = { "a", "b" } },
    files = { f = "content\0\r\n", g = { content = "x", filename = "a\"b.txt", type = "text/plain" } },
  }))
  check.equal(#parts, 5)
  check.equal(parts[1].head, "Content-Disposition: form-data; name=\"key\"")
  check.equal(parts[1].body, "value")
  check.equal(parts[2].body .. parts[3].body, "ab")
  check.equal(parts[4].head, "Content-Disposition: form-data; name=\"f\"; filename=\"f\"")
  check.equal(parts[4].body, "content\0\r\n")
  check.equal(parts[5].head,
    "Content-Disposition: form-data; name=\"g\"; filename=\"a%22b.txt\"\r\nContent-Type: text/plain")
end)

check.fact("a list of files keeps its order, and may repeat names", function()
  local parts = parts_of(echoed("PUT", { files = { { name = "f", content = "2" }, { name = "f", content = "1" } } }))
  check.equal(parts[1].body .. parts[2].body, "21")
end)

check.fact("a file is read from its path, whatever its size", function()
  local path = os.tmpname()
  local text = ("0123456789abcdef"):rep(8192) .. "end"
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  local guard <close> = setmetatable({}, { __close = function() os.remove(path) end })
  local seen = echoed("POST", { files = { up = { path = path } } })
  local part = parts_of(seen)[1]
  check.equal(#part.body, #text)
  check.equal(part.body == text, true)
  check.truthy(part.head:find("filename=\"" .. path:match("[^/]+$"), 1, true))
  check.truthy(tonumber(seen.headers["content-length"]) > #text)
end)

check.fact("a file that is not there is told", function()
  local e = check.raises("files: /not/there", http.post, http, "/echo", { files = { f = { path = "/not/there" } } })
  check.equal(e.kind, "upload")
  check.raises("Is a directory", http.post, http, "/echo", { files = { f = { path = "/tmp" } } })
end)

check.fact("bodies of several megabytes arrive whole", function()
  local text = ("x"):rep(5 << 20)
  check.truthy(http:post("/swallow", { data = text }):json().bytes == #text)
  check.truthy(http:post("/swallow", { files = { f = text } }):json().bytes > #text)
end)

check.fact("100 requests in 10 greens get their own answers", function()
  local futures = {}
  for i = 1, 10 do
    futures[i] = green.spawn(function()
      for j = 1, 10 do
        local text = i .. "/" .. j
        check.equal(echo_of(http:post("/echo", { data = text })).body, text)
      end
    end)
  end
  for _, future in ipairs(futures) do
    wait(future)
  end
end)

check.main_fact("outside of a green there is no waiting for a response", function()
  check.raises("cannot wait on the main coroutine", http.get, http, "/echo")
end)

check.fact("whatever is given, nothing but known fields arrives", function()
  local alphabet = { "a", "B", "7", "\r", "\n", "\0", ":", ";", "=", ",", "&", "?", "#", "/", "\\", "\"", "%", " ", "\t",
    "ü", "\xff", "@", "[", "]", "..", "\r\nEvil: 1", "\r\n\r\nGET /evil HTTP/1.1\r\n" }
  local function any(most)
    local text = {}
    for i = 1, math.random(0, most) do
      text[i] = alphabet[math.random(#alphabet)]
    end
    return table.concat(text)
  end
  local known = { host = 1, ["user-agent"] = 1, accept = 1, ["accept-encoding"] = 1, cookie = 1, authorization = 1,
    ["content-type"] = 1, ["content-length"] = 1, expect = 1 }
  local answered = 0
  for _ = 1, 1500 do
    local name = "X" .. any(2)
    local options = {
      headers = math.random(3) == 1 and { [name] = any(4) } or nil,
      cookies = math.random(3) == 1 and { [any(3)] = any(4) } or nil,
      params = math.random(3) == 1 and { [any(3)] = any(4) } or math.random(3) == 1 and any(5) or nil,
      auth = math.random(4) == 1 and { any(3), any(3) } or math.random(4) == 1 and { bearer = any(3) } or nil,
      content_type = math.random(4) == 1 and any(3) or nil,
    }
    local method = math.random(9) == 1 and any(3) or "GET"
    local ok, r = pcall(http.request, http, method, "/echo" .. (math.random(3) == 1 and any(5) or ""), options)
    if ok and r.content:find("^%u+ /echo") then
      answered = answered + 1
      local seen = echo_of(r)
      for _, field in ipairs(seen.names) do
        check.truthy(known[field] or field == name:lower(), field)
      end
      check.truthy(not seen.target:find("[%c%s]"), seen.target)
      check.equal(seen.body, "")
    elseif not ok then
      check.truthy(type(r) == "string" or r.kind == "invalid", tostring(r))
    end
  end
  check.truthy(answered > 100)
end)

check.fact("requests of changing URLs each reach their own", function()
  local paths = { "/a", "/b", "/a", "/a", "/c?x=1", "/b", "/a", "/b", "/c?x=1", "/c?x=2", "/c?x=1" }
  local own = GreenHttp { base_url = raw }
  for _, path in ipairs(paths) do
    local seen = echo_of(own:get("/echo" .. path))
    check.equal(seen.target, "/echo" .. path)
  end
  -- The same through one handle after the other, also for a URL that cannot be read.
  for _ = 1, 3 do
    local ok, problem = pcall(own.get, own, "http://[")
    check.equal(ok, false)
    check.equal(problem.kind, "invalid")
    check.equal(echo_of(own:get("/echo/a")).target, "/echo/a")
  end
end)

check.fact("a FIFO is no file to send, nor one to read cookies from", function()
  local path = os.tmpname()
  os.remove(path)
  assert(os.execute("mkfifo " .. path))
  local guard <close> = setmetatable({}, { __close = function() os.remove(path) end })
  local e = check.raises("it is no plain file", http.post, http, "/echo", { files = { f = { path = path } } })
  check.equal(e.kind, "upload")
  check.raises("it is no plain file", http.post, http, "/echo", { files = { f = { path = "/dev/zero" } } })
  check.raises("cookies:load: " .. path .. ": it is no plain file", http.cookies.load, http.cookies, path)
  check.raises("option 'cert': .*it is no plain file", http.get, http, "/echo", { cert = path })
end)

check.fact("control characters in a header's value are refused", function()
  for _, value in ipairs { "a\11b", "a\27[2J", "a\127", "a\nb", "a\0b" } do
    local e = check.raises("header X: .*control character is in its value", http.get, http, "/echo",
      { headers = { X = value } })
    check.equal(e.kind, "invalid")
  end
  check.equal(echoed("GET", { headers = { X = "a\tb" } }).headers.x, "a\tb")
end)
