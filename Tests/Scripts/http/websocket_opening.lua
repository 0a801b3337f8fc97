-- WebSockets: the handshake, and the connection it goes over.
local check = require "support.check"
local green = require "green"
local socket = require "support.socket"
local opened, http_error = socket.opened, socket.http_error
local header_sent = socket.header_sent

check.fact("url, subprotocol and headers tell what was opened", function()
  local ws = opened("/?a=b", { subprotocols = { "unknown", "superchat", "chat" } })
  check.equal(ws.url, servers.WS .. "/?a=b")
  check.equal(ws.subprotocol, "superchat")
  check.equal(ws.headers.upgrade:lower(), "websocket")
  check.equal(ws.headers["Sec-WebSocket-Protocol"], "superchat")
  check.equal(tostring(ws), "WebSocket " .. servers.WS .. "/?a=b")
  ws:close()
  local plain = opened "/"
  check.equal(plain.subprotocol, nil)
  plain:close()
end)

check.fact("an answer that opens nothing raises with its status", function()
  for _, status in ipairs { 200, 403, 404, 500 } do
    local err = http_error("handshake", opened, "/reject?status=" .. status)
    check.equal(err.status, status)
    check.truthy(err.message:find("status " .. status, 1, true), err.message)
  end
  local err = http_error("handshake", function()
    return GreenHttp():websocket(servers.HTTP .. "/redirect/1")
  end)
  check.equal(err.status, 302, "redirects are not followed")
end)

check.fact("headers go with the handshake: the client's and the call's", function()
  local http = GreenHttp { headers = { ["X-One"] = "client", ["X-Two"] = "client" } }
  local options = { headers = { ["X-Two"] = "call", Origin = "https://example.org" } }
  check.equal(header_sent("x-one", options, http), "client")
  check.equal(header_sent("x-two", options, http), "call")
  check.equal(header_sent("origin", options, http), "https://example.org")
  check.equal(header_sent("x-one", { headers = { ["X-One"] = false } }, http), "")
  check.truthy(header_sent("user-agent"):find("^greenhouse/"))
  check.equal(header_sent("user-agent", { headers = { ["User-Agent"] = "me" } }), "me")
end)

check.fact("headers that would break the handshake are refused", function()
  http_error("invalid", opened, "/", { headers = { Upgrade = "h2c" } })
  http_error("invalid", opened, "/", { headers = { ["Sec-WebSocket-Key"] = "x" } })
  http_error("invalid", opened, "/", { headers = { Host = "other" } })
  http_error("invalid", opened, "/", { headers = { ["X-One"] = "a\r\nX-Two: b" } })
  http_error("invalid", opened, "/", { subprotocols = { "a b" } })
  http_error("invalid", opened, "/", { subprotocols = { "a", "a" } })
end)

check.fact("user and password, or a token, go with the handshake", function()
  check.equal(header_sent("authorization", { auth = { "user", "pass" } }), "Basic dXNlcjpwYXNz")
  check.equal(header_sent("authorization", nil, GreenHttp { auth = { bearer = "t0k" } }), "Bearer t0k")
  check.equal(header_sent("authorization"), "")
  local ws = GreenHttp():websocket((servers.WS:gsub("ws://", "ws://me:s%%40y@")) .. "/headers")
  check.truthy(ws:receive():find("Basic bWU6c0B5", 1, true))
  check.equal(ws.url:find("@", 1, true), nil, "no password in the URL")
  ws:close()
  local client = GreenHttp { auth = { "client", "pass" } }
  local named = servers.WS:gsub("ws://", "ws://url@") .. "/headers"
  check.truthy(client:websocket(named):receive():find("Basic dXJsOg==", 1, true), "the URL's before the client's")
  ws = client:websocket(named, { auth = { "user", "pass" } })
  check.truthy(ws:receive():find("Basic dXNlcjpwYXNz", 1, true), "the call's before the URL's")
  http_error("invalid", opened, "/", { auth = { "user", "pass", type = "digest" } })
end)

check.fact("user and password of base_url go with a handshake of its origin alone", function()
  local place = servers.WS:gsub("^ws://", "")
  local client = GreenHttp { base_url = "http://me:pass@" .. place .. "/" }
  check.equal(header_sent("authorization", nil, client), "Basic bWU6cGFzcw==")
  check.equal(header_sent("authorization", { auth = false }, client), "")
  check.truthy(client:websocket("/headers"):receive():find("Basic bWU6cGFzcw==", 1, true))
  local own = client:websocket((servers.WS:gsub("ws://", "ws://url@")) .. "/headers"):receive()
  check.truthy(own:find("Basic dXJsOg==", 1, true), own)
  local elsewhere = client:websocket("ws://localhost:" .. place:match "%d+$" .. "/headers"):receive()
  check.equal(elsewhere:find("Basic", 1, true), nil)
end)

check.fact("cookies of the jar go with the handshake where they belong", function()
  local http = GreenHttp()
  http.cookies:set { name = "a", value = "1", domain = "127.0.0.1" }
  http.cookies:set { name = "deep", value = "2", domain = "127.0.0.1", path = "/headers" }
  http.cookies:set { name = "path", value = "3", domain = "127.0.0.1", path = "/head" }
  http.cookies:set { name = "secure", value = "4", domain = "127.0.0.1", secure = true }
  http.cookies:set { name = "other", value = "5", domain = "example.org" }
  check.equal(header_sent("cookie", nil, http), "deep=2; a=1")
  check.equal(header_sent("cookie", { store_cookies = false }, http), "")
  check.equal(header_sent("cookie", { headers = { Cookie = "own=1" } }, http), "deep=2; a=1; own=1", "as in requests")
  check.equal(header_sent("cookie", { headers = { Cookie = false } }, http), "")
end)

check.fact("cookies of the client and of the call go with the handshake, behind those of the jar", function()
  local http = GreenHttp { cookies = { a = "client", b = "client" } }
  check.equal(header_sent("cookie", nil, http), "a=client; b=client")
  check.equal(header_sent("cookie", { cookies = { b = 2, c = 3 } }, http), "a=client; b=2; c=3")
  http.cookies:set { name = "jar", value = "1", domain = "127.0.0.1" }
  check.equal(header_sent("cookie", { cookies = { { "b", "2" } } }, http), "jar=1; a=client; b=2")
  check.equal(#http.cookies:list(), 1, "not stored")
  check.raises("'b' cannot be sent", opened, "/", { cookies = { b = "1;2" } })
  local begun = GreenHttp { cookies = { { name = "a", value = "1", domain = "127.0.0.1" } } }
  check.equal(header_sent("cookie", nil, begun), "a=1")
end)

check.fact("URLs are resolved against base_url", function()
  local http = GreenHttp { base_url = (servers.WS:gsub("^ws", "http")) .. "/base/" }
  local ws = http:websocket("/?x=1")
  check.equal(ws.url, servers.WS .. "/?x=1")
  ws:close()
  ws = http:websocket("deeper")
  check.equal(ws.url, servers.WS .. "/base/deeper")
  ws:close()
end)

check.fact("URLs that are none of WebSockets are refused", function()
  local http = GreenHttp()
  for _, url in ipairs {
    "", "/path", "ftp://127.0.0.1/", "file:///etc/passwd", "ws://", "ws://127.0.0.1/#part", "ws://127.0.0.1/a\nb",
    "ws://127.0.0.1/a b", "ws://127.0.0.1:99999/", "ws://127.0.0.1/\0",
  } do
    http_error("invalid", http.websocket, http, url)
  end
  http_error("invalid", http.websocket, http)
end)

check.fact("options that are none are refused", function()
  local http = GreenHttp()
  local function refused(pattern, options)
    check.raises(pattern, http.websocket, http, servers.WS, options)
  end
  refused("options: table expected", 5)
  refused("unknown option 'subprotocol': did you mean 'subprotocols'", { subprotocol = "chat" })
  refused("unknown option 'max_mesage': did you mean 'max_message'", { max_mesage = 1 })
  refused("unknown option 'cookeis': did you mean 'cookies'", { cookeis = {} })
  refused("unknown option 'tiemout': did you mean 'timeout'", { tiemout = 1 })
  refused("'json': a WebSocket has none", { json = {} })
  refused("'max_redirects': a WebSocket has none", { max_redirects = 1 })
  refused("max_message", { max_message = 0 })
  refused("max_message", { max_message = 0 / 0 })
  refused("ping_interval", { ping_interval = 0 })
  refused("close_timeout", { close_timeout = "5" })
  refused("subprotocols", { subprotocols = "chat" })
  refused("subprotocols", { subprotocols = { 1 } })
  refused("headers", { headers = "x" })
  refused("timeout", { timeout = -1 })
end)

check.fact("wss is verified like https", function()
  local ws = GreenHttp { verify = servers.CA }:websocket(servers.WSS)
  ws:send("by TLS")
  check.equal(ws:receive(), "by TLS")
  local large = ("x"):rep(3 << 20)
  green.spawn(ws.send, ws, large, "binary")
  check.truthy(ws:receive() == large, "3 MiB by TLS")
  check.equal(ws:close(), true)
  local http = GreenHttp()
  local err = http_error("tls", http.websocket, http, servers.WSS)
  check.truthy(err.message:find("WebSocket wss://", 1, true), err.message)
  http:websocket(servers.WSS, { verify = false }):close()
  http_error("tls", http.websocket, http, servers.WSS, { verify = servers.CA, pinned_key = "sha256//" .. ("A"):rep(43) .. "=" })
  http:websocket(servers.WSS, { verify = servers.CA, pinned_key = servers.PIN }):close()
end)

check.fact("a proxy passes WebSockets on, plain and with TLS", function()
  local http = GreenHttp { proxy = servers.PROXY, verify = servers.CA }
  for _, url in ipairs { servers.WS, servers.WSS } do
    local ws = http:websocket(url)
    ws:send("through a proxy")
    check.equal(ws:receive(), "through a proxy")
    check.equal(ws:close(), true)
  end
end)

check.fact("a proxy that asks for a password gets it", function()
  local http = GreenHttp { proxy = (servers.PROXY_AUTH:gsub("://", "://green:house@")) }
  local ws = http:websocket(servers.WS)
  ws:send("x")
  check.equal(ws:receive(), "x")
  ws:close()
  http = GreenHttp { proxy = servers.PROXY_AUTH }
  local err = http_error("proxy", http.websocket, http, servers.WS)
  check.truthy(err.message:find("407", 1, true), err.message)
end)

check.fact("a Unix socket and a client certificate are for WebSockets too", function()
  local http = GreenHttp { unix_socket = servers.UNIX }
  check.equal(http_error("handshake", http.websocket, http, "ws://any.test/small.txt").status, 200, "it answered")
  local url = servers.MTLS:gsub("^https", "wss") .. "/small.txt"
  http = GreenHttp { verify = servers.CA }
  check.equal(http_error("handshake", http.websocket, http, url).status, 400, "without a certificate")
  http = GreenHttp { verify = servers.CA, cert = servers.CERT, key = servers.KEY }
  check.equal(http_error("handshake", http.websocket, http, url).status, 200, "with one")
end)

check.fact("a client of an app has no WebSockets", function()
  local http = GreenHttp { app = function() end }
  check.raises("a GreenHttp with an app has no WebSockets", http.websocket, http, "/")
end)

check.fact("a SOCKS proxy and resolve work", function()
  local ws = GreenHttp { proxy = servers.SOCKS }:websocket(servers.WS)
  ws:send("x")
  check.equal(ws:receive(), "x")
  ws:close()
  local port = servers.WS:match(":(%d+)$")
  ws = GreenHttp { resolve = { "far.test:" .. port .. ":127.0.0.1" } }:websocket("ws://far.test:" .. port .. "/headers")
  check.truthy(ws:receive():find("far.test:" .. port, 1, true))
  ws:close()
end)

check.fact("nobody there is a connect error, no name a dns error", function()
  local http = GreenHttp()
  http_error("connect", http.websocket, http, "ws://127.0.0.1:1/")
  http_error("dns", http.websocket, http, "ws://no-such-host.invalid/")
end)

check.fact("a server that never answers the handshake is given up after connect_timeout or timeout", function()
  local http = GreenHttp()
  local url = "ws://" .. servers.RAW .. "/hang"
  local err = http_error("timeout", http.websocket, http, url, { connect_timeout = 0.1 })
  check.truthy(err.message:find("not open within 0.1 s (connect_timeout)", 1, true), err.message)
  err = http_error("timeout", http.websocket, http, url, { timeout = 0.1 })
  check.truthy(err.message:find("not open within 0.1 s (timeout)", 1, true), err.message)
  check.equal(select(2, pcall(green.timeout, 0.05, http.websocket, http, url)), green.timed_out)
end)

check.fact("a cancelled opening frees its connection", function()
  local http = GreenHttp()
  local opening = green.spawn(http.websocket, http, "ws://" .. servers.RAW .. "/hang")
  green.sleep(0.05)
  opening:cancel()
  check.equal(select(2, pcall(wait, opening)), green.cancelled)
  check.equal(http:info().in_flight, 0)
end)

check.fact("what is no HTTP is a protocol error", function()
  local http = GreenHttp()
  local err = http_error("protocol", http.websocket, http, "ws://" .. servers.RAW .. "/garbage")
  check.truthy(err.message:find("WebSocket ws://", 1, true), err.message)
end)

check.fact("requests of the same client go on beside its WebSockets", function()
  local http = GreenHttp()
  local ws = opened("/", nil, http)
  check.equal(http:get(servers.HTTP .. "/small.txt"):text(), "small\n")
  ws:send("x")
  check.equal(ws:receive(), "x")
  check.equal(http:get(servers.HTTP .. "/small.txt").reused, true)
  ws:close()
end)

check.fact("a closed client leaves its WebSockets open and opens no more", function()
  local http = GreenHttp()
  local ws = opened("/", nil, http)
  http:close()
  ws:send("x")
  check.equal(ws:receive(), "x")
  check.equal(ws:close(), true)
  check.raises("this GreenHttp is closed", http.websocket, http, servers.WS)
end)

check.main_fact("a WebSocket cannot be opened on the main coroutine", function()
  check.raises("cannot wait on the main coroutine", function()
    GreenHttp():websocket(servers.WS)
  end)
end)

check.fact("an idle WebSocket keeps no program going", function()
  -- If it did, this fact would not end in time.
  idle = opened("/", { ping_interval = 10 })
end)

check.fact("hundreds of WebSockets at once", function()
  local http = GreenHttp { max_per_host = 0, max_connections = 0 }
  local futures = {}
  for i = 1, 200 do
    futures[i] = green.spawn(function()
      local ws = opened("/", nil, http)
      for j = 1, 5 do
        ws:send(i .. ":" .. j)
        check.equal(ws:receive(), i .. ":" .. j)
      end
      check.equal(ws:close(), true)
    end)
  end
  green.gather(futures)
end)

check.fact("times without an end are taken", function()
  for _, seconds in ipairs { math.huge, 1e300, 1e30, 1e19, 2 ^ 63, 3.2e9, math.maxinteger } do
    local ws = opened("/", { ping_interval = seconds, close_timeout = seconds })
    ws:send("still here")
    check.equal((ws:receive()), "still here")
    check.equal(ws:close(), true)
  end
end)
