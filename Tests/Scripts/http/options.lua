-- What scripts may not ask for, and how they are told. Needs no server.
local check = require "support.check"
local green = require "green"

local http = GreenHttp()
local url = "http://127.0.0.1:1/"

-- The same mistake in the client's and in the request's options.
local function refused(pattern, options)
  check.raises("GreenHttp: " .. pattern, GreenHttp, options)
  local e = check.raises(pattern, http.get, http, url, options)
  check.equal(e.kind, "invalid", tostring(e))
end

check.fact("an unknown option is refused, with what may have been meant", function()
  refused("unknown option 'tiemout': did you mean 'timeout'", { tiemout = 1 })
  refused("unknown option 'verfy': did you mean 'verify'", { verfy = true })
  refused("unknown option 'something_else'", { something_else = 1 })
  refused("options have names, got the key 1", { 5 })
  check.raises("unknown option 'max_per_hosts': did you mean 'max_per_host'", GreenHttp, { max_per_hosts = 1 })
  check.raises("unknown option 'max_per_host'", http.get, http, url, { max_per_host = 1 })
  check.raises("unknown option 'data'", GreenHttp, { data = "x" })
end)

check.fact("options must be a table", function()
  check.raises("table", http.get, http, url, 5)
  check.raises("table", GreenHttp, "http://x")
end)

check.fact("a time is a number of seconds above 0", function()
  for _, name in ipairs { "timeout", "connect_timeout", "read_timeout" } do
    for _, value in ipairs { 0, -1, 0 / 0, "x", true, {} } do
      refused("option '" .. name .. "': number of seconds above 0", { [name] = value })
    end
    GreenHttp { [name] = false }
    GreenHttp { [name] = math.huge }
    GreenHttp { [name] = 1e300 }
    GreenHttp { [name] = 1e-12 }
  end
end)

check.fact("a count is a whole number from 0 up", function()
  for _, name in ipairs { "max_redirects", "max_body", "max_header", "max_ratio", "retries" } do
    for _, value in ipairs { -1, 1.5, "x", true, 0 / 0, math.huge } do
      refused("option '" .. name .. "': whole number from 0 up", { [name] = value })
    end
  end
  for _, name in ipairs { "max_connections", "max_per_host", "max_idle" } do
    check.raises("option '" .. name .. "'", GreenHttp, { [name] = -1 })
  end
end)

check.fact("a switch is true or false", function()
  for _, name in ipairs { "allow_redirects", "trust_env", "decompress", "expect", "store_cookies" } do
    for _, value in ipairs { 1, "yes", {} } do
      refused("option '" .. name .. "': true or false", { [name] = value })
    end
  end
  refused("option 'verify': true or false", { verify = 1 })
end)

check.fact("a text is a string without NUL", function()
  for _, name in ipairs {
    "no_proxy", "cert", "key", "key_password", "pinned_key", "unix_socket", "interface", "proxy",
  } do
    refused("option '" .. name .. "'", { [name] = 5 })
    refused("option '" .. name .. "'", { [name] = "a\0b" })
    refused("option '" .. name .. "'", { [name] = {} })
  end
  refused("option 'verify'", { verify = "a\0b" })
end)

check.fact("a choice is one of its words", function()
  refused("option 'min_tls': \"1.2\" or \"1.3\" expected, got number 1.2", { min_tls = 1.2 })
  refused("option 'http_version'", { http_version = "3" })
  refused("option 'http_version'", { http_version = 2 })
end)

check.fact("retries are a count or a policy", function()
  refused("option 'retries': unknown name 'cuont': did you mean 'count'", { retries = { cuont = 1 } })
  refused("option 'retries.backoff'", { retries = { backoff = -1 } })
  refused("option 'retries.unsafe'", { retries = { unsafe = 1 } })
  refused("option 'retries.statuses", { retries = { statuses = 503 } })
  refused("option 'retries.statuses", { retries = { statuses = { "x" } } })
  GreenHttp { retries = { backoff = math.huge, longest = math.huge } }
end)

check.fact("auth is one of its forms, and what is wrong is told without it", function()
  for _, auth in ipairs { "user:secret", 5, true, {}, { "secret" }, { "user", {} }, { user = "secret" },
    { "a", "secret", "c" }, { "a", "secret", typ = "digest" }, { "a", "secret", type = "ntlm" }, { bearer = 5 } } do
    refused("option 'auth", { auth = auth })
    local e = check.raises("", http.get, http, url, { auth = auth })
    check.equal(e.message:find("secret", 1, true), nil, e.message)
  end
  refused("option 'auth': unknown name 'typ': did you mean 'type'", { auth = { "a", "b", typ = "digest" } })
end)

check.fact("resolve is a list of host:port:address", function()
  for _, value in ipairs {
    "a:1:b", { 5 }, { "a" }, { "a:b:c" }, { "a:1" }, { "a:70000:b" }, { ":1:b" }, { "a:1:b\0" },
  } do
    refused("option 'resolve'", { resolve = value })
  end
  GreenHttp { resolve = {} }
  GreenHttp { resolve = { "a:1:::1", "b:2:[::1]", "*:3:127.0.0.1" } }
end)

check.fact("hooks are a table of functions by their names", function()
  check.raises("hooks: table expected", GreenHttp, { hooks = 5 })
  check.raises("hooks: before_request, on_headers or after_response expected, got 'before'", GreenHttp,
    { hooks = { before = print } })
  check.raises("hooks: ", http.get, http, url, { hooks = { after = print } })
end)

check.fact("a method is a word", function()
  for _, method in ipairs { "", "GE T", "GET\r\nX: y", "GET /x HTTP/1.1\r\n", "G\0T", "GÉT", "A:B", "CONNECT" } do
    local e = check.raises("method", http.request, http, method, url)
    check.equal(e.kind, "invalid")
  end
  check.raises("method", http.request, http, nil, url)
  check.raises("method", http.request, http, {}, url)
end)

check.fact("a URL is one of http or https", function()
  for _, text in ipairs {
    "", "x", "/path", "example.org", "//example.org/", "example.org:80/x", "ftp://example.org/", "file:///etc/passwd",
    "FILE:///etc/passwd", "javascript:alert(1)", "http:/x", "http:x", "http://", "http:///x", "https:///etc/passwd",
    "ws://x/", "gopher://x/", "http://a b/", "http://a:b/", "http://a:99999/", "http://[::1/", "http://a\"b/",
  } do
    local e = check.raises("URL", http.get, http, text)
    check.equal(e.kind, "invalid", text)
    e = check.raises("URL", http.get, http, text, { params = { a = 1 } })
    check.equal(e.kind, "invalid", text)
  end
  check.raises("URL: string expected, got nil", http.get, http)
  check.raises("URL: string expected, got table", http.get, http, {})
end)

check.fact("no line break gets into a URL", function()
  for _, text in ipairs { url .. "\r\nX: y", url .. "a\nb", url .. "a\0b", "http://h\r\nX: y/", url .. "\t" } do
    check.equal(check.raises("URL: a control character", http.get, http, text).kind, "invalid")
  end
end)

check.fact("a base_url is absolute, and its password is not told", function()
  check.raises("option 'base_url': URL '/x'", GreenHttp, { base_url = "/x" })
  check.raises("option 'base_url'", GreenHttp, { base_url = "file:///x" })
  check.raises("option 'base_url': string expected", GreenHttp, { base_url = 5 })
  local e = check.raises("base_url", GreenHttp, { base_url = "ftp://user:secret@host/" })
  check.equal(e:find("secret", 1, true), nil)
  local own = GreenHttp { base_url = "http://user:secret@127.0.0.1:1/" }
  e = check.raises("127.0.0.1", own.get, own, "/x")
  check.equal(e.message:find("secret", 1, true), nil)
  e = check.raises("URL", own.get, own, "file:///etc/passwd")
  check.equal(e.kind, "invalid")
  e = check.raises("URL", own.get, own, "http://a b/")
  check.equal(e.message:find("secret", 1, true), nil)
end)

check.fact("no line break gets into a header", function()
  for _, headers in ipairs {
    { ["X"] = "a\r\nY: b" }, { ["X"] = "a\nb" }, { ["X"] = "a\rb" }, { ["X"] = "a\0b" }, { ["X\r\nY"] = "a" },
    { ["X: y"] = "a" }, { [""] = "a" }, { ["X Y"] = "a" }, { ["Ü"] = "a" }, { { "X\n", "a" } }, { X = { "a", "b\n" } },
    { X = "\xff" },
  } do
    refused("header", { headers = headers })
  end
end)

check.fact("headers that say where a message ends follow from its body", function()
  refused("header Content%-Length: follows from the body", { headers = { ["Content-Length"] = "5" } })
  refused("header transfer%-encoding: follows from the body", { headers = { ["transfer-encoding"] = "chunked" } })
  refused("header Host: cannot be left out", { headers = { Host = false } })
end)

check.fact("headers are names and plain values", function()
  for _, headers in ipairs { 5, { X = {} , Y = print }, { "X: y" }, { { "X" } }, { X = { { "a" } } } } do
    check.raises("headers", http.get, http, url, { headers = headers })
    check.raises("headers", GreenHttp, { headers = headers })
  end
  check.raises("headers", http.get, http, url, { headers = { [5] = "x" } })
  check.raises("headers: .* got a list with the key X", http.get, http, url, { headers = { { "A", "b" }, X = "y" } })
end)

check.fact("params are names and plain values", function()
  for _, params in ipairs { 5, { a = print }, { "a" }, { a = { b = 1 } }, { a = { { 1 } } }, { { "a", 1 }, b = 2 } } do
    check.raises("params", http.get, http, url, { params = params })
  end
  local cycle = {}
  cycle.a = cycle
  check.raises("params", http.get, http, url, { params = cycle })
end)

check.fact("a body is given in one way", function()
  check.raises("json: give no data or files beside it", http.post, http, url, { json = {}, data = "x" })
  check.raises("json: give no data or files beside it", http.post, http, url, { json = {}, files = {} })
  check.raises("data beside files: a table of fields expected", http.post, http, url,
    { data = "x", files = { a = "b" } })
  check.raises("data: string, table or function expected, got boolean", http.post, http, url, { data = true })
  check.raises("content_type", http.post, http, url, { data = "x", content_type = {} })
  check.raises("header Content%-Type", http.post, http, url, { data = "x", content_type = "a/b\r\nX: y" })
  check.raises("HEAD", http.head, http, url, { data = "x" })
end)

check.fact("files are contents or paths, and nothing breaks out of a part", function()
  for _, files in ipairs {
    5, { a = 5 }, { a = {} }, { a = { content = "x", path = "/x" } }, { a = { content = 5 } }, { a = { path = 5 } },
    { a = { content = "x", typ = "a/b" } }, { { content = "x" } }, { a = { content = "x", type = "a/b\r\nX: y" } },
    { a = { content = "x", filename = "a\r\nb" } }, { ["a\r\nb"] = "x" }, { a = { path = "/x\0" } },
    { { name = "a\0", content = "x" } },
  } do
    check.raises("files", http.post, http, url, { files = files })
  end
  check.raises("data", http.post, http, url, { files = { a = "b" }, data = { ["a\nb"] = "c" } })
end)

check.fact("nothing breaks out of the cookies", function()
  for _, cookies in ipairs {
    { a = "b; c=d" }, { a = "b\r\nX: y" }, { ["a=b"] = "c" }, { ["a;b"] = "c" }, { ["a\0"] = "b" }, { a = "b\0" },
    { [""] = "x" }, { ["a b"] = "c" }, { a = {} , b = print }, 5,
  } do
    check.raises("cookies", http.get, http, url, { cookies = cookies })
  end
end)

check.fact("an error has a kind and a message, and is told as that", function()
  local e = check.raises("Failed to connect", http.get, http, url)
  check.equal(e.kind, "connect")
  check.equal(tostring(e), e.message)
  check.equal(getmetatable(e), green.HttpError)
  check.truthy(e.message:find("GET " .. url, 1, true), e.message)
end)
