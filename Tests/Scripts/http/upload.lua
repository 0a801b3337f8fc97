-- Bodies that a function gives piece by piece.
local check = require "support.check"
local wire = require "support.wire"
local green = require "green"

-- A body function that gives the items of a list.
local function each(list)
  local i = 0
  return function()
    i = i + 1
    return list[i]
  end
end

check.fact("a function's pieces are sent in chunks", function()
  local http <close> = GreenHttp()
  local echoed = http:post(wire.page "/echo", { data = each { "one", "two", "three" } }).content
  check.truthy(echoed:find("Transfer-Encoding: chunked", 1, true), echoed)
  check.equal(echoed:find("Expect:", 1, true), nil)
  check.equal(echoed:find("Content-Length:", 1, true), nil)
  local body = echoed:match("\r\n\r\n(.*)")
  check.equal(body:gsub("%x+\r\n(.-)\r\n", "%1"), "onetwothree")
end)

check.fact("every method may have such a body", function()
  local http <close> = GreenHttp()
  for _, method in ipairs { "put", "patch", "delete", "post" } do
    local answer = http[method](http, wire.page "/swallow", { data = each { "a", "b" } }):json()
    check.equal(answer.bytes, 2, method)
    check.truthy(http[method](http, wire.page "/echo", { data = each { "x" } }).content
      :find("^" .. method:upper() .. " "))
  end
end)

check.fact("a function that gives nothing sends an empty body", function()
  local http <close> = GreenHttp()
  check.equal(http:post(wire.page "/swallow", { data = function() end }):json().bytes, 0)
  check.equal(http:post(wire.page "/swallow", { data = each { "", "", "x", "" } }):json().bytes, 1)
end)

check.fact("a function may wait between its pieces", function()
  local http <close> = GreenHttp()
  local i = 0
  local answer = http:post(wire.page "/swallow", { data = function()
    green.sleep(0.002)
    i = i + 1
    return i <= 10 and ("%d;"):format(i) or nil
  end }):json()
  check.equal(answer.bytes, 21)
  check.equal(answer.chunks, 10)
end)

check.fact("a function may make requests of the same client", function()
  local http <close> = GreenHttp()
  local left = 3
  local answer = http:post(wire.page "/swallow", { data = function()
    left = left - 1
    return left >= 0 and http:get(wire.page "/gzip").content or nil
  end }):json()
  check.equal(answer.bytes, 3 * #wire.compressed)
end)

check.fact("ten megabytes arrive as they are", function()
  local http <close> = GreenHttp()
  local piece = ("0123456789abcdef"):rep(6400)
  local left = 100
  local answer = http:post(wire.page "/swallow", { data = function()
    left = left - 1
    return left >= 0 and piece .. "" or nil
  end }):json()
  check.equal(answer.bytes, 100 * #piece)
end)

check.fact("a function is asked for more only as fast as the server takes it", function()
  local http <close> = GreenHttp()
  local given, ahead = 0, 0
  local piece = ("x"):rep(65536)
  local sending = green.spawn(function()
    return http:post(wire.page "/hang", { data = function()
      given = given + #piece
      return piece
    end, timeout = 1 })
  end)
  wire.eventually("held back", function()
    local before = given
    green.sleep(0.1)
    ahead = given
    return given == before and given > 0
  end)
  -- What the kernel's and the server's buffers take, and no more.
  check.truthy(ahead < 16 << 20, ahead)
  sending:cancel()
  pcall(wait, sending)
  check.equal(http:info().in_flight, 0)
end)

check.fact("an error in the function is the request's, and frees its connection", function()
  local http <close> = GreenHttp()
  local key = wire.key()
  local marker = {}
  for _, fault in ipairs { marker, "plain" } do
    local i = 0
    local ok, problem = pcall(http.post, http, wire.page("/swallow", key), { data = function()
      i = i + 1
      if i == 3 then
        error(fault, 0)
      end
      green.sleep(0.001)
      return "piece"
    end })
    check.equal(ok, false)
    check.equal(problem, fault)
    check.equal(http:info().in_flight, 0)
  end
  wire.all_closed(key)
end)

check.fact("a function that gives something else than strings is told so", function()
  local http <close> = GreenHttp()
  local key = wire.key()
  for _, wrong in ipairs { 1, true, {} } do
    check.raises("the body function gave a " .. type(wrong) .. ", expected a string, or nil at the end",
      http.post, http, wire.page("/swallow", key), { data = function() return wrong end })
    check.raises("the body function gave a " .. type(wrong),
      http.post, http, wire.page("/swallow", key), { data = each { "x", wrong } })
  end
  check.equal(http:info().in_flight, 0)
end)

check.fact("a request that is cancelled while its function waits ends there", function()
  local http <close> = GreenHttp()
  local key = wire.key()
  local seen
  local sending = green.spawn(function()
    return http:post(wire.page("/swallow", key), { data = function()
      local ok, problem = pcall(green.sleep, 60)
      seen = not ok and tostring(problem)
      error(problem, 0)
    end })
  end)
  wire.eventually("begun", function() return wire.connections(key) == 1 end)
  sending:cancel()
  pcall(wait, sending)
  check.truthy(seen and seen:find("cancelled"), seen)
  check.equal(http:info().in_flight, 0)
  wire.all_closed(key)
end)

check.fact("an early answer ends the sending", function()
  local http <close> = GreenHttp { timeout = 10 }
  local given = 0
  local response = http:post(wire.page "/refuse-large", { data = function()
    given = given + 1
    green.sleep(0)
    return ("x"):rep(10000)
  end })
  check.equal(response.status_code, 413)
  check.equal(response.content, "too large")
  check.truthy(given > 0)
  check.equal(http:post(wire.page "/refuse-large", { data = ("x"):rep(5 << 20) }).status_code, 413)
end)

check.fact("an early answer to a streamed request ends the sending as well", function()
  local http <close> = GreenHttp { timeout = 10 }
  local response = http:post(wire.page "/refuse-large", { stream = true, data = function()
    green.sleep(0)
    return ("x"):rep(10000)
  end })
  check.equal(response.status_code, 413)
  check.equal(response.content, "too large")
end)

check.fact("the answer can be streamed while the body is a function", function()
  local http <close> = GreenHttp()
  local response = http:post(wire.page "/echo", { stream = true, data = each { "one", "two" } })
  check.truthy(response.content:find("one", 1, true))
end)

check.fact("a reset while sending is an error, or the early answer", function()
  local http <close> = GreenHttp { timeout = 10 }
  local ok, problem = pcall(http.post, http, wire.page "/refuse-large?reset=1", { data = ("x"):rep(20 << 20) })
  check.truthy(ok and problem.status_code == 413 or problem.kind == "connection", tostring(problem))
end)

check.fact("a slow function does not count as the server's silence", function()
  local http <close> = GreenHttp { read_timeout = 0.1 }
  local left = 3
  local answer = http:post(wire.page "/swallow", { data = function()
    left = left - 1
    green.sleep(0.15)
    return left >= 0 and "x" or nil
  end })
  check.equal(answer:json().bytes, 3)
end)

check.fact("a server that takes a body slowly is not silent", function()
  -- What is in the kernel's buffers counts as sent: a part of a second passes behind it.
  local http <close> = GreenHttp { read_timeout = 0.8 }
  check.equal(http:post(wire.page "/swallow?ms=4", { data = ("x"):rep(20 << 20) }):json().bytes, 20 * (1 << 20))
end)

check.fact("a function's body is sent over HTTP/2 too", function()
  local http <close> = GreenHttp { verify = servers.CA }
  local response = http:post(servers.HTTPS .. "/raw/swallow", { data = each { "one", ("2"):rep(200000), "three" } })
  check.equal(response.http_version, "2")
  check.equal(response:json().bytes, 200008)
end)

check.fact("HTTP/1.0 has no chunks: that is said", function()
  local http <close> = GreenHttp { http_version = "1.0" }
  wire.fails("upload", "HTTP 1.0", http.post, http, wire.page "/swallow", { data = each { "x" } })
end)

check.fact("Expect: 100-continue is waited for", function()
  local http <close> = GreenHttp { expect = true }
  check.equal(http:post(wire.page "/continue?ms=20", { data = "12345" }).content, "expected 5 bytes")
  check.equal(http:post(wire.page "/continue", { data = each { "a", "b" } }).status_code, 200)
  check.equal(http:post(wire.page "/continue", { data = "12345", expect = false }).content, "unexpected 5 bytes")
  check.equal(http:post(wire.page "/expect-417", { data = "12345" }).content, "5")
end)

check.fact("a body is not kept once it was sent", function()
  local http <close> = GreenHttp()
  check.equal(http:post(wire.page "/swallow", { data = ("x"):rep(1000) }):json().bytes, 1000)
  check.truthy(http:get(wire.page "/echo").content:find("^GET /echo HTTP/1.1\r\n"))
  check.equal(http:get(wire.page "/echo").content:find("Content", 1, true), nil)
end)

check.fact("a function whose length a header says is sent with it, and not in chunks", function()
  local http <close> = GreenHttp()
  for _, name in ipairs { "Content-Length", "content-length" } do
    local options = { data = each { "one", "two", "", "three" }, headers = { [name] = 11 } }
    local echoed = http:post(wire.page "/echo", options).content
    check.truthy(echoed:find("\r\nContent-Length: 11\r\n", 1, true), echoed)
    check.equal(echoed:find("Transfer-Encoding", 1, true), nil)
    check.equal(echoed:match("\r\n\r\n(.*)"), "onetwothree")
    check.equal(options.headers[name], 11, "what was given stays as it was")
  end
  local empty = http:post(wire.page "/echo", { data = function() end, headers = { ["Content-Length"] = "0" } }).content
  check.truthy(empty:find("\r\nContent-Length: 0\r\n", 1, true), empty)
end)

check.fact("a body that is not as long as its header said is an error", function()
  local http <close> = GreenHttp()
  local function post(length)
    return http:post(wire.page "/swallow", { data = each { "abc", "def" }, headers = { ["Content-Length"] = length } })
  end
  wire.fails("upload", "gave more than the 5 bytes that Content%-Length says", post, 5)
  wire.fails("upload", "ended after 6 bytes, and Content%-Length is 7", post, 7)
  wire.fails("upload", "gave more than the 0 bytes", post, 0)
  check.equal(post(6):json().bytes, 6)
  check.equal(http:info().in_flight, 0)
end)

check.fact("no other body, and no client, has a Content-Length of its own", function()
  local http <close> = GreenHttp()
  for _, data in ipairs { "x", {} } do
    wire.fails("invalid", "header Content%-Length: follows from the body", http.post, http, wire.page "/echo",
      { data = data, headers = { ["Content-Length"] = 1 } })
  end
  check.raises("header Content%-Length: follows from the body", GreenHttp, { headers = { ["Content-Length"] = 1 } })
  wire.fails("invalid", "header Transfer%-Encoding: follows", http.post, http, wire.page "/echo",
    { data = each { "x" }, headers = { ["Transfer-Encoding"] = "chunked" } })
end)
