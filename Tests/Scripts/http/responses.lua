-- What a response tells.
local check = require "support.check"
local wire = require "support.wire"
local green = require "green"

check.fact("status_code, reason, status and ok tell how it went", function()
  local http <close> = GreenHttp()
  local good = http:get(wire.page "/echo")
  check.equal(good.status_code, 200)
  check.equal(good.reason, "OK")
  check.equal(good.status, "200 OK")
  check.equal(good.ok, true)
  local bad = http:get(wire.page "/status/404")
  check.equal(bad.status_code, 404)
  check.equal(bad.reason, "Not Found")
  check.equal(bad.ok, false)
  check.equal(bad.content, "404")
  check.equal(http:get(wire.page "/status/399").ok, true)
  check.equal(http:get(wire.page "/status/500").ok, false)
  check.equal(http:get(wire.page "/status/599").reason, "Unheard Of")
  check.equal(tostring(bad), "HttpResponse 404 GET " .. wire.page "/status/404")
end)

check.fact("a status line needs no reason, and fields no space", function()
  local http <close> = GreenHttp()
  local response = http:get(wire.page "/no-reason")
  check.equal(response.reason, "")
  check.equal(response.status, "200")
  check.equal(response.headers["x-tight"], "yes")
  check.equal(response.content, "hello")
end)

check.fact("raise_for_status raises from 400 up, and gives the response else", function()
  local http <close> = GreenHttp()
  local good = http:get(wire.page "/echo")
  check.equal(good:raise_for_status(), good)
  local bad = http:get(wire.page "/status/503")
  local problem = wire.fails("status", "^GET http://[%d.:]+/status/503: 503 Service Unavailable$",
    bad.raise_for_status, bad)
  check.equal(problem.response, bad)
  check.equal(tostring(problem), problem.message)
end)

check.fact("headers are found in any case, and several of one name are joined", function()
  local http <close> = GreenHttp()
  local headers = http:get(wire.page "/multi-header").headers
  check.equal(headers["x-multi"], "one, two, three, four")
  check.equal(headers["X-MULTI"], "one, two, three, four")
  check.list(headers:get_all "X-Multi", { "one", "two", "three, four" })
  check.list(headers:get_all "set-cookie",
    { "a=1; Path=/", "b=2; Path=/; Expires=Wed, 01 Jan 2070 00:00:00 GMT" })
  check.equal(headers["set-cookie"], "a=1; Path=/")
  check.equal(headers["x-empty"], "")
  check.equal(headers["x-not-there"], nil)
  check.list(headers:get_all "x-not-there", {})
  check.list(headers:get_all "www-authenticate", { 'Basic realm="a"', 'Digest realm="b", nonce="n"' })
end)

check.fact("headers can be gone through, and not be changed", function()
  local http <close> = GreenHttp()
  local headers = http:get(wire.page "/multi-header").headers
  local seen, count = {}, 0
  for name, value in pairs(headers) do
    seen[name] = value
    count = count + 1
  end
  check.equal(#headers, count)
  check.equal(seen["x-multi"], "one, two, three, four")
  check.equal(seen["content-length"], "4")
  check.raises("responses.lua:%d+: the headers of a response cannot be changed", function() headers.x = "y" end)
end)

check.fact("links are found by their relation", function()
  local http <close> = GreenHttp()
  local links = http:get(wire.page "/multi-header").links
  check.equal(links.next.url, "/page/2")
  check.equal(links.next.title, "a, b")
  check.equal(links.last.url, "/page/9")
  check.equal(links.first.url, "/page/1")
  check.equal(links.first.rel, "first")
  check.equal(next(http:get(wire.page "/echo").links), nil)
end)

check.fact("cookies are those that the responses set", function()
  local http <close> = GreenHttp()
  local response = http:get(wire.page "/multi-header")
  check.equal(response.cookies.a, "1")
  check.equal(response.cookies.b, "2")
  check.equal(response.cookies.c, nil)
  local quoted = http:get(wire.page '/set-cookie?line=q="a%20b"%3B%20Path=/')
  check.equal(quoted.cookies.q, "a b")
end)

check.fact("text is UTF-8, whatever charset the response has", function()
  local http <close> = GreenHttp()
  local latin = http:get(wire.page "/latin1")
  check.equal(latin.encoding, "iso-8859-1")
  check.equal(latin:text(), "café, naïve, ½")
  check.differ(latin.content, latin:text())
  local wide = http:get(wire.page "/utf16")
  check.equal(wide.encoding, "utf-16")
  check.equal(wide:text(), "café, naïve, ½")
  local plain = http:get(wire.page "/multi-header")
  check.equal(plain.encoding, "utf-8")
  check.equal(plain:text(), "many")
end)

check.fact("encoding can be set before text is read", function()
  local http <close> = GreenHttp()
  local response = http:get(wire.page "/latin1")
  response.encoding = "utf-8"
  check.equal(response:text(), response.content)
  response.encoding = "no-such-charset"
  check.equal(response:text(), response.content)
  response.encoding = "cp437"
  check.truthy(response:text():find("caf", 1, true))
end)

check.fact("json reads the body, and raises when it is none", function()
  local http <close> = GreenHttp()
  check.equal(type(http:get(servers.HTTP .. "/data.json"):json()), "table")
  local response = http:get(wire.page "/echo")
  local problem = wire.fails("json", "the body is no JSON", response.json, response)
  check.equal(problem.response, response)
end)

check.fact("elapsed tells when each phase was done", function()
  local http <close> = GreenHttp()
  local elapsed = http:get(wire.page "/slow?ms=5&count=4").elapsed
  check.truthy(elapsed.dns >= 0)
  check.truthy(elapsed.connect >= elapsed.dns and elapsed.connect > 0)
  check.equal(elapsed.tls, 0.0)
  check.truthy(elapsed.first_byte >= elapsed.connect)
  check.truthy(elapsed.total >= elapsed.first_byte + 0.01)
  local tls <close> = GreenHttp { verify = servers.CA }
  elapsed = tls:get(servers.HTTPS .. "/small.txt").elapsed
  check.truthy(elapsed.tls >= elapsed.connect)
end)

check.fact("http_version, reused, remote_address, url and method tell how it was asked", function()
  local http <close> = GreenHttp { verify = servers.CA }
  local response = http:get(servers.HTTPS .. "/small.txt?a=b")
  check.equal(response.http_version, "2")
  check.equal(response.reused, false)
  check.equal(response.remote_address, "127.0.0.1")
  check.equal(response.url, servers.HTTPS .. "/small.txt?a=b")
  check.equal(response.method, "GET")
  check.equal(response.status, "200")
  check.equal(http:get(servers.HTTPS1 .. "/small.txt").http_version, "1.1")
  check.equal(http:get(wire.page "/http-1.0").http_version, "1.0")
  check.equal(#response.history, 0)
end)

check.fact("a response to HEAD has headers and no body", function()
  local http <close> = GreenHttp()
  local response = http:head(wire.page "/slow?count=1000")
  check.equal(response.method, "HEAD")
  check.equal(response.headers["content-length"], "1000")
  check.equal(response.content, "")
  check.equal(response:text(), "")
  check.equal(http:get(wire.page "/echo").reused, true)
  -- A length is no body to be refused.
  check.equal(http:head(wire.page "/slow?count=1000", { max_body = 10 }).status_code, 200)
end)

check.fact("204 and 304 have no body, and their connections are kept", function()
  local http <close> = GreenHttp()
  check.equal(http:get(wire.page "/status/204").content, "")
  check.equal(http:get(wire.page "/status/304").content, "")
  check.equal(http:get(wire.page "/echo").reused, true)
  local tag = http:get(servers.HTTP .. "/1MiB.bin").headers.etag
  local unchanged = http:get(servers.HTTP .. "/1MiB.bin", { headers = { ["If-None-Match"] = tag }, max_body = 10 })
  check.equal(unchanged.status_code, 304)
end)

check.fact("a body without a length ends with its connection", function()
  local http <close> = GreenHttp()
  check.equal(http:get(wire.page "/no-length").content, "until the end")
  check.equal(http:get(wire.page "/http-1.0").content, "old")
  check.equal(http:get(wire.page "/no-length", { stream = true }).content, "until the end")
end)

check.fact("early hints come before the response, and are not it", function()
  local http <close> = GreenHttp()
  local response = http:get(wire.page "/early-hints")
  check.equal(response.status_code, 200)
  check.equal(response.content, "hinted")
  check.equal(response.headers.link, nil)
end)

check.fact("fields behind a chunked body are among the headers", function()
  local http <close> = GreenHttp()
  local response = http:get(wire.page "/trailers")
  check.equal(response.content, "hello")
  check.equal(response.headers["x-checksum"], "5d41402a")
  check.equal(response.headers["x-last"], "yes")
  local streamed = http:get(wire.page "/trailers", { stream = true })
  local early = streamed.headers
  check.equal(early["transfer-encoding"], "chunked")
  check.equal(streamed.content, "hello")
  check.equal(streamed.headers["x-last"], "yes")
end)

check.fact("a part can be asked for", function()
  local http <close> = GreenHttp()
  local response = http:get(servers.HTTP .. "/1MiB.bin", { headers = { Range = "bytes=256-258" } })
  check.equal(response.status_code, 206)
  check.equal(response.content, "\0\1\2")
end)

check.fact("a response outlives its client", function()
  local response
  do
    local http <close> = GreenHttp()
    response = http:get(wire.page "/gzip")
  end
  collectgarbage()
  collectgarbage()
  green.sleep(0)
  check.equal(response.content, wire.compressed)
  check.equal(response.headers["content-encoding"], "gzip")
end)

check.fact("an unknown field of a response is nil", function()
  local http <close> = GreenHttp()
  check.equal(http:get(wire.page "/echo").nothing, nil)
end)
