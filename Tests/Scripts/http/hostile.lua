-- Servers that mean harm: what they send costs no other green its turn, and no time limit its effect.
local check = require "support.check"
local wire = require "support.wire"
local green = require "green"

local function escape(text)
  return (text:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end))
end

-- A page that sends `head`, `n` times `unit`, and `tail`.
local function given(head, unit, n, tail)
  return wire.page(("/given?head=%s&unit=%s&n=%d&tail=%s"):format(
    escape(head), escape(unit or ""), n or 0, escape(tail or "")))
end

local ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"

-- How long `fn` takes, in seconds; what it gives.
local function timed(fn)
  local start = green.now()
  local value = fn()
  return green.now() - start, value
end

-- Adds up what `fn` is told between two turns of another green: the most.
local function most_between_turns(fn)
  local most, now, stop = 0, 0, false
  local other = green.spawn(function()
    while not stop do
      now = 0
      green.sleep(0)
    end
  end)
  fn(function(count)
    now = now + count
    most = math.max(most, now)
  end)
  stop = true
  wait(other)
  return most
end

---------------------------------------------------------------------------------------------------------------------
-- Turns.

check.fact("a body that comes as fast as it is read leaves others their turn", function()
  local http <close> = GreenHttp()
  for _, size in ipairs { 1000, 65536 } do
    local most = most_between_turns(function(count)
      local response <close> = http:get(servers.HTTP .. "/10MiB.bin", { stream = true })
      green.sleep(0.05) -- time for the kernel's buffers to fill
      for piece in response:iter_content(size) do
        count(#piece)
      end
    end)
    check.truthy(most <= 300000, most)
  end
end)

check.fact("a body without end is ended by its timeout", function()
  local http <close> = GreenHttp()
  for _, size in ipairs { 1000, 65536 } do
    local response = http:get(wire.page "/endless", { stream = true, timeout = 0.2 })
    local start = green.now()
    wire.fails("timeout", "no response within 0.2 s", function()
      for _ in response:iter_content(size) do
        assert(green.now() - start < 5, "still going on after 5 s")
      end
    end)
  end
end)

check.fact("a request's body that is taken as fast as it is given leaves others their turn", function()
  local http <close> = GreenHttp()
  local piece, left = ("x"):rep(16384), 600
  local most = most_between_turns(function(count)
    http:post(wire.page "/swallow", { data = function()
      left = left - 1
      count(#piece)
      return left >= 0 and piece or nil
    end })
  end)
  check.truthy(most <= 300000, most)
end)

check.fact("a body function that gives empty pieces leaves others their turn, and is ended by its timeout", function()
  local http <close> = GreenHttp()
  local start = green.now()
  local most = most_between_turns(function(count)
    wire.fails("timeout", "no response within 0.1 s", http.post, http, wire.page "/swallow", {
      timeout = 0.1, data = function()
        assert(green.now() - start < 5, "still going on after 5 s")
        count(1)
        return ""
      end })
  end)
  check.truthy(most <= 2, most)
end)

check.fact("in memory, too, a body function of empty pieces is ended by its timeout", function()
  local http <close> = GreenHttp { app = function() return "" end, timeout = 0.1 }
  local start = green.now()
  wire.fails("timeout", "within 0.1", http.post, http, "/", { data = function()
    assert(green.now() - start < 5, "still going on after 5 s")
    return ""
  end })
end)

---------------------------------------------------------------------------------------------------------------------
-- Time: each of these took seconds.

local costly = {
  { "a reason of blanks", "HTTP/1.1 404 ", " ", 60000, "x\r\nContent-Length: 0\r\n\r\n",
    function(r) return r.status end, "^404  +x$" },
  { "a Link of brackets", ok .. "Link: ", "<", 60000, "\r\n\r\n",
    function(r) return next(r.links) == nil end, true },
  { "a Link of escaped parameters", ok .. "Link: <u>", ';a="\\""', 8000, ";rel=next\r\n\r\n",
    function(r) return r.links.next.a end, '^"$' },
  { "a cookie of blanks", ok .. "Set-Cookie: a=b", " ", 60000, "x\r\n\r\n",
    function(r) return r.cookies.a end, "^b +x$" },
  { "a cookie's name of blanks", ok .. "Set-Cookie: a", " ", 60000, "x\r\n\r\n",
    function(r) return next(r.cookies) == nil end, true },
  { "a charset behind blanks", ok .. "Content-Type: text/plain;", " ", 60000, "charset=x\r\n\r\n",
    function(r) return r.encoding end, "^x$" },
  { "a header of folded lines", ok .. "X: a\r\n", " b\r\n", 10000, "\r\n",
    function(r) return #r.headers.x end, 20001 },
}

for _, case in ipairs(costly) do
  local name, head, unit, n, tail, read, expected = table.unpack(case)
  check.fact(name .. " is read in time", function()
    local http <close> = GreenHttp()
    local response = http:get(given(head, unit, n, tail))
    local seconds, value = timed(function() return read(response) end)
    if type(expected) == "string" then
      check.truthy(value and value:find(expected), value)
    else
      check.equal(value, expected)
    end
    check.truthy(seconds < 0.5, seconds)
  end)
end

check.fact("a redirect whose header has folded lines is followed in time", function()
  local http <close> = GreenHttp()
  local head = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " .. wire.page "/echo" .. "\r\nX: a\r\n"
  local url = given(head, " b\r\n", 10000, "\r\n")
  local seconds, response = timed(function() return http:get(url) end)
  check.equal(response.url, wire.page "/echo")
  check.truthy(seconds < 2, seconds)
end)

check.fact("in memory a cookie of blanks is read in time", function()
  for _, line in ipairs { "a=b" .. (" "):rep(60000) .. "x", "a" .. (" "):rep(60000) .. "x" } do
    local http <close> = GreenHttp { app = function() return 200, { ["Set-Cookie"] = line }, "" end }
    local seconds = timed(function() return http:get("/") end)
    check.truthy(seconds < 0.5, seconds)
  end
end)

---------------------------------------------------------------------------------------------------------------------
-- Words.

check.fact("a header named as a method of the headers does not hide it", function()
  local http <close> = GreenHttp()
  local response = http:get(given(
    ok .. 'Get_All: x\r\nSet-Cookie: a=1\r\nLink: </n>; rel="next"\r\n\r\n'))
  check.equal(response.cookies.a, "1")
  check.equal(response.links.next.url, "/n")
  check.list(response.headers:get_all "get_all", { "x" })
end)

check.fact("what a terminal acts on is made visible in the reason and in messages", function()
  local http <close> = GreenHttp()
  local response = http:get(given("HTTP/1.1 404 \27]0;evil\7\27[2J\r\nContent-Length: 0\r\n\r\n"))
  check.equal(response.reason, "\\x1B]0;evil\\x07\\x1B[2J")
  wire.fails("status", "404 \\x1B%]0;evil\\x07\\x1B%[2J$", response.raise_for_status, response)
  local away = given("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://\27[2Jx:99999/\r\n\r\n")
  local problem = wire.fails("redirect", "\\x1B%[2Jx:99999", http.get, http, away)
  check.equal(problem.message:find("%c"), nil)
end)

check.fact("a server that says HTTP/2 where nobody agreed on it is waited for as others are", function()
  -- Those who wait for a connection have not begun to connect; behind a stream of HTTP/2 they would have.
  local http <close> = GreenHttp { max_per_host = 1, connect_timeout = 0.05 }
  check.equal(http:get(given("HTTP/2 200 OK\r\nContent-Length: 1\r\n\r\na")).content, "a")
  local first = green.spawn(http.get, http, wire.page "/slow?ms=10&count=20")
  local second = green.spawn(http.get, http, wire.page "/echo")
  check.equal(#wait(first).content, 20)
  check.equal(wait(second).status_code, 200)
end)

check.fact("a challenge that never ends is the response after three answers", function()
  local http <close> = GreenHttp { auth = { "u", "p", type = "digest" } }
  for _, options in ipairs { {}, { stream = true } } do
    local response = http:get(wire.page "/challenge", options)
    check.equal(response.status_code, 401)
    check.equal(#response.content <= 2, true)
    check.truthy(tonumber(response.headers["x-request"]) <= 8, response.headers["x-request"])
  end
  check.equal(http:info().in_flight, 0)
end)

---------------------------------------------------------------------------------------------------------------------
-- Lines and events without end.

local stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

check.fact("a line that never ends is given up at 16 MiB, or what iter_lines is given", function()
  local http <close> = GreenHttp { timeout = 30 }
  local response <close> = http:get(wire.page "/endless", { stream = true })
  wire.fails("too_large", "/endless: a line has more than 16777216 bytes", response:iter_lines())
  local short <close> = http:get(wire.page "/endless", { stream = true })
  local problem = wire.fails("too_large", "a line has more than 1000 bytes %(.*iter_lines%)", short:iter_lines(1000))
  check.equal(problem.response, short)
  for _, stream in ipairs { true, false } do
    local lines = http:get(given("HTTP/1.1 200 OK\r\n\r\n", "x", 10, "\ny"),
      { stream = stream })
    check.equal(lines:iter_lines(10)(), ("x"):rep(10))
    local same = http:get(given("HTTP/1.1 200 OK\r\n\r\n", "x", 11, "\ny"), { stream = stream })
    wire.fails("too_large", "more than 10 bytes", same:iter_lines(10))
  end
end)

check.fact("an event that never ends is given up at 16 MiB, or what iter_events is given", function()
  local http <close> = GreenHttp { timeout = 30 }
  local response <close> = http:get(wire.page "/endless", { stream = true })
  wire.fails("too_large", "/endless: a line of an event has more than 16777216 bytes", response:iter_events())
  local lines = http:get(given(stream, "data: 123\n", 100, "\n"), { stream = true })
  wire.fails("too_large", "an event has more than 398 bytes %(.*iter_events%)", lines:iter_events(398))
  lines = http:get(given(stream, "data: 123\n", 100, "\n"), { stream = true })
  check.equal(#lines:iter_events(399)().data, 399)
end)

check.fact("comments and earlier events do not count for an event's size", function()
  local http <close> = GreenHttp()
  local response = http:get(given(stream, ": ping\n:\ndata: 1\n\n", 100), { stream = true })
  local count = 0
  for event in response:iter_events(10) do
    check.equal(event.data, "1")
    count = count + 1
  end
  check.equal(count, 100)
end)

check.fact("iter_lines and iter_events want a number of bytes from 1 up", function()
  local http <close> = GreenHttp { app = function() return "x" end }
  local response = http:get("/")
  for _, size in ipairs { 0, 1.5, "x" } do
    check.raises("from 1 up expected", function() response:iter_lines(size) end)
    check.raises("from 1 up expected", function() response:iter_events(size) end)
  end
end)

check.fact("an event of many small pieces is read in time", function()
  local http <close> = GreenHttp()
  local response = http:get(given(stream .. "data: ", "x", 2000000, "\n\n"), { stream = true })
  -- Pieces as a slow server's are.
  local read = response.read
  response.read = function(self)
    return read(self, 500)
  end
  local seconds, event = timed(response:iter_events())
  check.equal(#event.data, 2000000)
  check.truthy(seconds < 1, seconds)
end)
