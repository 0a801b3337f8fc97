-- Redirects (RFC 9110 section 15.4), and what must not follow them.
local check = require "support.check"
local echo_of = require "support.echo"

local raw = "http://" .. servers.RAW
local http = GreenHttp { timeout = 20, verify = servers.CA }

local function escape(text)
  return (text:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end))
end

-- A page that redirects with this status to this place.
local function to(place, code)
  return ("%s/redirect?code=%d&to=%s"):format(raw, code or 302, escape(place))
end

-- What nginx saw at the end.
local function seen_of(response)
  local seen = {}
  for name, value in response:text():gmatch("([%w]+): ?([^\r\n]*)") do
    seen[name] = value
  end
  return seen
end

check.fact("a redirect is followed, and remembered", function()
  local r = http:get(servers.HTTP .. "/redirect/1")
  check.equal(r:text():match("^arrived"), "arrived")
  check.equal(#r.history, 1)
  check.equal(r.history[1].status_code, 302)
  check.equal(r.history[1].url, servers.HTTP .. "/redirect/1")
end)

check.fact("six redirects go over one connection", function()
  local own = GreenHttp()
  local r = own:get(servers.HTTP .. "/redirect/6")
  check.equal(#r.history, 6)
  check.equal(r.reused, true)
  check.equal(r.history[1].reused, false)
  for i = 2, 6 do
    check.equal(r.history[i].reused, true, "hop " .. i)
  end
end)

check.fact("no more redirects than max_redirects, ten by default", function()
  check.equal(#http:get(servers.HTTP .. "/redirect/10").history, 10)
  local e = check.raises("more than 10 redirects", http.get, http, servers.HTTP .. "/redirect/11")
  check.equal(e.kind, "redirect")
  check.equal(#http:get(servers.HTTP .. "/redirect/11", { max_redirects = 11 }).history, 11)
  check.raises("more than 2 redirects", http.get, http, servers.HTTP .. "/redirect/3", { max_redirects = 2 })
  check.raises("more than 10 redirects", http.get, http, raw .. "/redirect-loop")
end)

check.fact("allow_redirects = false gives the redirecting response, whatever max_redirects says", function()
  for _, options in ipairs { { allow_redirects = false }, { max_redirects = 0 },
    { allow_redirects = false, max_redirects = 5 } } do
    local r = http:get(servers.HTTP .. "/redirect/1", options)
    check.equal(r.status_code, 302)
    check.truthy(r.headers.location)
    check.equal(#r.history, 0)
    check.equal(r.ok, true)
  end
  local own = GreenHttp { allow_redirects = false }
  check.equal(own:get(servers.HTTP .. "/redirect/1").status_code, 302)
  check.equal(own:get(servers.HTTP .. "/redirect/1", { allow_redirects = true }).status_code, 200)
end)

check.fact("head does not follow, unless asked", function()
  check.equal(http:head(servers.HTTP .. "/redirect/1").status_code, 302)
  check.equal(http:head(servers.HTTP .. "/redirect/1", { allow_redirects = true }).status_code, 200)
  check.equal(http:head(servers.HTTP .. "/redirect/2", { max_redirects = 3 }).status_code, 200)
end)

check.fact("methods and bodies survive as the status says", function()
  for _, case in ipairs {
    { 301, "GET", "GET" }, { 302, "GET", "GET" }, { 303, "GET", "GET" }, { 307, "GET", "GET" }, { 308, "GET", "GET" },
    { 301, "POST", "GET" }, { 302, "POST", "GET" }, { 303, "POST", "GET" }, { 307, "POST", "POST" },
    { 308, "POST", "POST" }, { 301, "PUT", "PUT" }, { 302, "PUT", "PUT" }, { 303, "PUT", "GET" },
    { 307, "PUT", "PUT" }, { 308, "PATCH", "PATCH" }, { 303, "DELETE", "GET" }, { 302, "DELETE", "DELETE" },
  } do
    local code, method, expected = table.unpack(case)
    local body = method ~= "GET" and "text" or nil
    local r = http:request(method, to("/echo", code), { data = body, content_type = body and "a/b" })
    local seen, label = echo_of(r), method .. " " .. code
    check.equal(seen.method, expected, label)
    check.equal(r.method, expected, label)
    check.equal(r.history[1].method, method, label)
    check.equal(seen.body, expected == method and body or "", label)
    check.equal(seen.headers["content-type"], expected == method and body and "a/b" or nil, label)
  end
end)

check.fact("HEAD stays HEAD", function()
  local r = http:head(to("/echo", 303), { allow_redirects = true })
  check.equal(r.method, "HEAD")
  check.equal(r.status_code, 200)
end)

check.fact("a form of files is sent again", function()
  local seen = echo_of(http:post(to("/echo", 307), { files = { f = "content" } }))
  check.equal(seen.method, "POST")
  check.truthy(seen.body:find("content", 1, true))
end)

check.fact("a function cannot be sent twice", function()
  local sent = 0
  local function body()
    sent = sent + 1
    return sent <= 2 and "piece" or nil
  end
  local e = check.raises("its body, a function, cannot be sent twice", http.post, http, to("/echo", 307),
    { data = body })
  check.equal(e.kind, "upload")
  sent = 0
  check.equal(echo_of(http:post(to("/echo", 303), { data = body })).method, "GET")
end)

check.fact("Location may be relative, without a scheme, or hold what must be escaped", function()
  check.equal(echo_of(http:get(to("echo?a=1"))).target, "/echo?a=1")
  check.equal(echo_of(http:get(to("?to=/echo&code=302"))).target, "/echo")
  check.equal(echo_of(http:get(to("//" .. raw:match("//(.*)") .. "/echo/x"))).target, "/echo/x")
  check.equal(echo_of(http:get(to("/echo/../echo/y"))).target, "/echo/y")
  -- The server sends the letter in ISO 8859-1.
  check.equal(echo_of(http:get(to("/echo/a b\xC3\xA9\"?c d"))).target, "/echo/a%20b%E9%22?c%20d")
  check.equal(echo_of(http:get(to("/echo/frag#ment"))).target, "/echo/frag")
end)

check.fact("a redirect without Location is a response", function()
  check.equal(http:get(raw .. "/status/302").status_code, 302)
  check.equal(http:get(raw .. "/status/304").status_code, 304)
  check.equal(http:get(raw .. "/status/300").status_code, 300)
end)

check.fact("only http and https are followed", function()
  for _, place in ipairs {
    "file:///etc/passwd", "FILE:///etc/passwd", "javascript:alert(1)", "ftp://127.0.0.1/x", "gopher://127.0.0.1:1/x",
    "dict://127.0.0.1:1/x", "data:text/plain,x", "http:/echo", "scp://127.0.0.1/etc/passwd", "about:blank",
  } do
    local e = check.raises("redirect to ", http.get, http, to(place))
    check.equal(e.kind, "redirect", place)
    check.truthy(e.message:find("http:// or https://", 1, true), e.message)
  end
end)

check.fact("a password in a Location is not told", function()
  local e = check.raises("redirect to ", http.get, http, to("ftp://user:secret@127.0.0.1/x"))
  check.equal(e.message:match("redirect to .*"):find("secret", 1, true), nil)
  check.equal(http:get(to("http://user:secret@" .. raw:match("//(.*)") .. "/echo")).url, raw .. "/echo")
end)

check.fact("https is reached from http, and the other way round", function()
  local r = http:get(servers.HTTP .. "/to-https")
  check.equal(r.url, servers.HTTPS .. "/seen")
  check.truthy(seen_of(r).tls:find("TLS"))
  check.equal(http:get(servers.HTTPS .. "/to-http").url, servers.HTTP .. "/seen")
end)

check.fact("what tells who is asking stays with its host", function()
  local secrets = {
    { auth = { "user", "password" } }, { auth = { bearer = "token" } }, { headers = { Authorization = "Secret x" } },
    { headers = { Cookie = "a=1" } }, { cookies = { a = "1" } },
  }
  for i, options in ipairs(secrets) do
    local seen = seen_of(http:get(servers.HTTP .. "/cross-host", options))
    check.equal(seen.authorization, "", "authorization " .. i)
    check.equal(seen.cookie, "", "cookie " .. i)
    local own = GreenHttp(i < 5 and options or nil)
    seen = seen_of(own:get(servers.HTTP .. "/cross-host", i == 5 and options or nil))
    check.equal(seen.authorization .. seen.cookie, "", "of the client " .. i)
  end
  local user = servers.HTTP:gsub("//", "//user:password@")
  check.equal(seen_of(http:get(user .. "/cross-host")).authorization, "")
end)

check.fact("another port is another host, and plain text is not TLS", function()
  local seen = echo_of(http:get(to(servers.HTTP .. "/raw/echo"), { auth = { "user", "password" } }))
  check.equal(seen.headers.authorization, nil)
  seen = seen_of(http:get(servers.HTTPS .. "/to-http", { auth = { "user", "password" }, cookies = { a = "1" } }))
  check.equal(seen.authorization .. seen.cookie, "")
end)

check.fact("a Host of one's own is for the first host only", function()
  local r = http:get(to(servers.HTTP .. "/seen"), { headers = { Host = "first.test" } })
  check.equal(seen_of(r).host, servers.HTTP:match("//(.*)"))
  check.equal(echo_of(http:get(to("/echo"), { headers = { Host = "first.test" } })).headers.host, "first.test")
end)

check.fact("other headers follow", function()
  local r = http:get(to(servers.HTTP .. "/raw/echo"), { headers = { ["X-One"] = "1", ["User-Agent"] = "mine" } })
  local seen = echo_of(r)
  check.equal(seen.headers["x-one"], "1")
  check.equal(seen.headers["user-agent"], "mine")
end)

check.fact("on the same host credentials follow", function()
  for _, place in ipairs { "/echo", raw .. "/echo" } do
    check.equal(echo_of(http:get(to(place), { auth = { "u", "p" } })).headers.authorization, "Basic dTpw")
    check.equal(echo_of(http:get(to(place), { headers = { Authorization = "x" } })).headers.authorization, "x")
    check.equal(echo_of(http:get(to(place), { cookies = { a = "1" } })).headers.cookie, "a=1")
    local url = to(place):gsub("//", "//u:p@", 1)
    check.equal(echo_of(http:get(url)).headers.authorization, "Basic dTpw")
  end
end)

check.fact("a client certificate is not shown to another host", function()
  local options = { cert = servers.CERT, key = servers.KEY }
  check.truthy(seen_of(http:get(servers.MTLS .. "/seen", options)).client:find("greenhouse-client", 1, true))
  check.equal(http:get(to(servers.MTLS .. "/seen"), options).status_code, 400)
end)

check.fact("a streamed response is that at the end of the redirects", function()
  local r = http:get(servers.HTTP .. "/redirect/2", { stream = true })
  check.equal(#r.history, 2)
  check.equal(r:read():match("^arrived"), "arrived")
end)

check.fact("cookies that a redirect sets are sent to its goal", function()
  local own = GreenHttp()
  own:get(raw .. "/set-cookie?seen=1")
  check.equal(echo_of(own:get(to("/echo"))).headers.cookie, "seen=1")
end)
