-- How a client reaches its servers: sockets, names, interfaces; and who is told about it: hooks and figures.
local check = require "support.check"
local echo_of = require "support.echo"
local green = require "green"

local raw = "http://" .. servers.RAW
local port = raw:match(":(%d+)$")
-- Labels have 63 letters at most: nobody needs to ask a name server about this one.
local nowhere = ("a"):rep(64) .. ".invalid"

check.fact("a Unix socket is reached whatever the URL's host", function()
  local http = GreenHttp { unix_socket = servers.UNIX }
  local r = http:get("http://whatever.test/small.txt")
  check.equal(r:text(), "small\n")
  check.truthy(http:get("http://whatever.test/seen"):text():find("host: whatever.test", 1, true))
  check.equal(GreenHttp():get("http://whatever.test/small.txt", { unix_socket = servers.UNIX }).ok, true)
  local e = check.raises("", http.get, http, "http://x.test/", { unix_socket = "/not/there" })
  check.equal(e.kind, "connect")
end)

check.fact("resolve says where a name is, without asking", function()
  local http = GreenHttp { resolve = { "there.test:" .. port .. ":127.0.0.1" } }
  local r = http:get("http://there.test:" .. port .. "/echo")
  check.equal(echo_of(r).headers.host, "there.test:" .. port)
  check.equal(r.remote_address, "127.0.0.1")
end)

check.fact("resolve of a request is only for that", function()
  local http = GreenHttp()
  local url = "http://" .. nowhere .. ":" .. port .. "/echo"
  check.equal(http:get(url, { resolve = { nowhere .. ":" .. port .. ":127.0.0.1" } }).ok, true)
  local e = check.raises("", http.get, http, url)
  check.equal(e.kind, "dns")
  local moved = { resolve = { "127.0.0.1:" .. port .. ":127.0.0.1", "*:1:127.0.0.1" } }
  check.equal(http:get(raw .. "/echo", moved).ok, true)
end)

check.fact("resolve is verified by TLS as the name that was asked for", function()
  local http = GreenHttp { verify = servers.CA }
  local tls_port = servers.HTTPS:match(":(%d+)$")
  local e = check.raises("", http.get, http, ("https://bank.test:%s/"):format(tls_port),
    { resolve = { ("bank.test:%s:127.0.0.1"):format(tls_port) } })
  check.equal(e.kind, "tls")
end)

check.fact("a name may have letters beyond ASCII", function()
  local http = GreenHttp { resolve = { "*:" .. port .. ":127.0.0.1" } }
  local r = http:get("http://Bücher.example:" .. port .. "/echo")
  check.equal(echo_of(r).headers.host, "xn--bcher-kva.example:" .. port)
end)

check.fact("a name that is nowhere is told", function()
  local e = check.raises(nowhere, GreenHttp().get, GreenHttp(), "http://" .. nowhere .. "/")
  check.equal(e.kind, "dns")
end)

check.fact("a connection that is refused is told", function()
  local e = check.raises("127.0.0.1", GreenHttp().get, GreenHttp(), "http://127.0.0.1:1/")
  check.equal(e.kind, "connect")
  check.equal(getmetatable(e), green.HttpError)
end)

check.fact("the interface to connect from", function()
  local http = GreenHttp { interface = "127.0.0.1" }
  check.equal(http:get(raw .. "/echo").ok, true)
  check.equal(http:get(raw .. "/echo", { interface = "lo" }).ok, true)
  local e = check.raises("", http.get, http, raw .. "/echo", { interface = "not-there0" })
  check.equal(e.kind, "invalid")
end)

check.fact("hooks are called in order: before, headers, after; the client's before the request's", function()
  local calls = {}
  local function hooks(name)
    return {
      before_request = function(asked) calls[#calls + 1] = name .. " before " .. asked.method end,
      on_headers = function(r) calls[#calls + 1] = name .. " headers " .. r.status_code end,
      after_response = function(r) calls[#calls + 1] = name .. " after " .. #r.content end,
    }
  end
  local http = GreenHttp { hooks = hooks "client" }
  http:get(servers.HTTP .. "/small.txt", { hooks = hooks "request" })
  check.list(calls, {
    "client before GET", "request before GET", "client headers 200", "request headers 200", "client after 6",
    "request after 6",
  })
end)

check.fact("before_request may change what is asked for", function()
  local http = GreenHttp { hooks = { before_request = function(asked)
    asked.method = "POST"
    asked.url = asked.url .. "?changed"
    asked.options.headers = { ["X-Trace"] = "7" }
    asked.options.data = "text"
  end } }
  local seen = echo_of(http:get(raw .. "/echo"))
  check.equal(seen.method, "POST")
  check.equal(seen.target, "/echo?changed")
  check.equal(seen.headers["x-trace"], "7")
  check.equal(seen.body, "text")
end)

check.fact("on_headers comes before the body", function()
  local at_headers
  local r = GreenHttp():get(raw .. "/chunked?size=10&n=3&ms=50", { hooks = { on_headers = function(response)
    at_headers = rawget(response, "content")
  end } })
  check.equal(at_headers, nil)
  check.equal(#r.content, 30)
end)

check.fact("a hook that raises ends the request, and its connection is given up", function()
  local http = GreenHttp { max_per_host = 1, timeout = 5 }
  local function raising(name, text)
    return { hooks = { [name] = function() error(text) end } }
  end
  check.raises("not today", http.get, http, raw .. "/echo", raising("before_request", "not today"))
  check.raises("too big", http.get, http, raw .. "/endless", raising("on_headers", "too big"))
  check.raises("too late", http.get, http, raw .. "/echo", raising("after_response", "too late"))
  check.equal(http:get(raw .. "/echo").ok, true)
  check.equal(http:info().in_flight, 0)
end)

check.fact("hooks may wait", function()
  local http = GreenHttp()
  local r = http:get(raw .. "/echo", { hooks = { before_request = function() green.sleep(0.01) end,
    after_response = function() http:get(raw .. "/echo") end } })
  check.equal(r.ok, true)
end)

check.fact("a streamed response has its hooks before it is read", function()
  local calls = {}
  local r = GreenHttp():get(raw .. "/chunked?size=10&n=3&ms=10", { stream = true, hooks = {
    on_headers = function() calls[#calls + 1] = "headers" end,
    after_response = function() calls[#calls + 1] = "after" end,
  } })
  check.list(calls, { "headers", "after" })
  check.equal(#r.content, 30)
end)

check.fact("info tells what is under way, per client and in all", function()
  local http = GreenHttp()
  local before = green.info().http
  local future = green.spawn(http.get, http, raw .. "/hang")
  green.sleep(0.05)
  check.equal(http:info().in_flight, 1)
  check.equal(green.info().http.in_flight, before.in_flight + 1)
  future:cancel()
  pcall(wait, future)
  check.equal(http:info().in_flight, 0)
  check.equal(http:info().completed, 1)
  http:get(raw .. "/echo")
  check.equal(http:info().completed, 2)
  check.equal(green.info().http.completed, before.completed + 2)
  check.truthy(green.info().http.clients >= 1)
end)

check.fact("a closed client makes no requests", function()
  local http = GreenHttp()
  check.equal(http:get(raw .. "/echo").ok, true)
  http:close()
  check.raises("closed", http.get, http, raw .. "/echo")
  do
    local other <close> = GreenHttp()
    check.equal(other:get(raw .. "/echo").ok, true)
    http = other
  end
  check.raises("closed", http.get, http, raw .. "/echo")
end)
