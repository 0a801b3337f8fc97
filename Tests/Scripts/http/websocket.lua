-- WebSockets: messages, pings, back-pressure. They talk to servers.WS.
local check = require "support.check"
local green = require "green"
local socket = require "support.socket"
local opened, http_error = socket.opened, socket.http_error

---------------------------------------------------------------------------------------------------------------------
-- Messages.

check.fact("text and binary messages come back as they went", function()
  local ws = opened "/"
  ws:send("hello")
  check.list({ ws:receive() }, { "hello", "text" })
  ws:send("\0\xff\xfe", "binary")
  check.list({ ws:receive() }, { "\0\xff\xfe", "binary" })
  ws:send("größe", "text")
  check.list({ ws:receive() }, { "größe", "text" })
  ws:send("")
  check.list({ ws:receive() }, { "", "text" })
  check.equal(ws:close(), true)
end)

check.fact("messages keep their order and their sizes, up to megabytes", function()
  local ws = opened("/", { max_message = 8 << 20 })
  local sizes = { 1, 125, 126, 127, 65535, 65536, 65537, 1 << 20, 4 << 20 }
  green.spawn(function()
    for i, size in ipairs(sizes) do
      ws:send(string.char(64 + i):rep(size), "binary")
    end
  end)
  for i, size in ipairs(sizes) do
    local data = ws:receive()
    check.equal(#data, size)
    check.truthy(data == string.char(64 + i):rep(size), "content of message " .. i)
  end
  ws:close()
end)

check.fact("fragments are put together, also where they cut characters", function()
  local ws = opened "/fragments"
  ws:send("one fragment for each character: größe €")
  check.list({ ws:receive() }, { "one fragment for each character: größe €", "text" })
  ws:send("\1\2\3", "binary")
  check.list({ ws:receive() }, { "\1\2\3", "binary" })
  ws:close()
end)

check.fact("text that is no UTF-8 is refused and the WebSocket stays usable", function()
  local ws = opened "/"
  local err = http_error("invalid", ws.send, ws, "\xff")
  check.truthy(err.message:find("UTF%-8"), err.message)
  ws:send("still here")
  check.equal(ws:receive(), "still here")
  ws:close()
end)

check.fact("what is no message is refused where the script sends it", function()
  local ws = opened "/"
  check.raises("websocket.lua:%d+: send: string expected, got nil", function()
    ws:send()
  end)
  check.raises("send: string expected, got table", ws.send, ws, {})
  check.raises("\"text\" or \"binary\" expected, got json", ws.send, ws, "x", "json")
  check.raises("ping: string expected", ws.ping, ws, 1)
  check.raises("close code", ws.close, ws, "1000")
  check.raises("number of seconds", ws.receive, ws, "soon")
  ws:close()
end)

check.fact("messages() iterates until the server closes", function()
  local ws = opened "/push?n=5"
  local seen = {}
  for message, kind in ws:messages() do
    check.equal(kind, "text")
    seen[#seen + 1] = message
  end
  check.list(seen, { "1", "2", "3", "4", "5" })
  check.equal(ws.close_code, 1000)
end)

check.fact("several greens receive: each message goes to one of them", function()
  local ws = opened "/push?n=50"
  local seen, futures = {}, {}
  for i = 1, 5 do
    futures[i] = green.spawn(function()
      for message in ws:messages() do
        check.equal(seen[message], nil, "seen once")
        seen[message] = true
      end
    end)
  end
  green.gather(futures)
  for i = 1, 50 do
    check.truthy(seen[tostring(i)], "message " .. i)
  end
end)

check.fact("several greens send: their messages are never mixed", function()
  local ws = opened "/"
  for i = 1, 8 do
    green.spawn(function()
      ws:send(tostring(i):rep(300000), "binary")
    end)
  end
  local counts = {}
  for _ = 1, 8 do
    local data = ws:receive()
    check.equal(#data, 300000)
    check.truthy(data == data:sub(1, 1):rep(#data), "of one sender")
    counts[data:sub(1, 1)] = true
  end
  for i = 1, 8 do
    check.truthy(counts[tostring(i)])
  end
  ws:close()
end)

---------------------------------------------------------------------------------------------------------------------
-- Time.

check.fact("receive gives up after its timeout and the WebSocket stays usable", function()
  local ws = opened "/"
  local before = green.now()
  check.list({ ws:receive(0.05) }, { nil, "timeout", n = 2 })
  check.truthy(green.now() - before >= 0.05)
  check.list({ ws:receive(0) }, { nil, "timeout", n = 2 })
  ws:send("x")
  check.equal(ws:receive(), "x")
  ws:close()
end)

check.fact("a cancelled receive and one under green.timeout leave it usable", function()
  local ws = opened "/"
  local waiting = green.spawn(function()
    return ws:receive()
  end)
  check.settle()
  waiting:cancel()
  check.equal(select(2, pcall(wait, waiting)), green.cancelled)
  check.equal(select(2, pcall(green.timeout, 0.02, ws.receive, ws)), green.timed_out)
  ws:send("x")
  check.equal(ws:receive(), "x")
  ws:close()
end)

check.fact("ping measures the way to the server and back", function()
  local ws = opened "/"
  local seconds = ws:ping()
  check.equal(math.type(seconds), "float")
  check.truthy(seconds > 0 and seconds < 5, seconds)
  check.truthy(ws:ping("with data"))
  check.truthy(ws:ping(("x"):rep(125)))
  http_error("invalid", ws.ping, ws, ("x"):rep(126))
  ws:close()
end)

check.fact("pings of many greens find their pongs", function()
  local ws = opened "/"
  local futures = {}
  for i = 1, 20 do
    futures[i] = green.spawn(ws.ping, ws, i % 2 == 0 and "same" or nil)
  end
  for _, seconds in ipairs(green.gather(futures)) do
    check.truthy(seconds > 0)
  end
  ws:close()
end)

check.fact("a ping that nobody answers times out and the WebSocket stays open", function()
  local ws = opened("/mute", { close_timeout = 0.05 })
  check.list({ ws:ping(nil, 0.05) }, { nil, "timeout", n = 2 })
  check.equal(ws.is_open, true)
  ws:close()
end)

check.fact("the server's pings are answered while nobody receives", function()
  local ws = opened "/ping"
  check.equal(ws:receive(), "pong")
  ws:send("again")
  check.equal(ws:receive(), "pong")
  ws:close()
end)

check.fact("ping_interval gives up a server that says nothing more", function()
  local ws = opened("/mute", { ping_interval = 0.05 })
  local data, why, code, reason = ws:receive()
  check.list({ data, why, code, n = 3 }, { nil, "closed", 1006, n = 3 })
  check.truthy(reason:find("no pong within 0.05 s (ping_interval)", 1, true), reason)
  check.equal(ws.is_open, false)
  http_error("connection", ws.send, ws, "x")
end)

check.fact("ping_interval leaves a server alone that answers", function()
  local ws = opened("/", { ping_interval = 0.02 })
  check.list({ ws:receive(0.3) }, { nil, "timeout", n = 2 })
  ws:send("x")
  check.equal(ws:receive(), "x")
  ws:close()
end)

---------------------------------------------------------------------------------------------------------------------
-- Back-pressure.

check.fact("send waits for a server that does not read, and loses nothing by its timeout", function()
  local ws = opened("/mute", { close_timeout = 0.05 })
  local sent = 0
  local flood = green.spawn(function()
    while true do
      ws:send(("x"):rep(1 << 18), "binary")
      sent = sent + 1
    end
  end)
  check.list({ ws:receive(0.3) }, { nil, "timeout", n = 2 })
  local before = sent
  check.truthy(before < 200, "it waits")
  green.sleep(0.05)
  check.equal(sent, before, "it still waits")
  flood:cancel()
  check.equal(select(2, pcall(wait, flood)), green.cancelled)
  check.equal(ws.is_open, true)
  check.list({ ws:close() }, { nil, "no answer to the close frame (close_timeout)", n = 2 })
end)

check.fact("a sender that waits is told when the WebSocket ends", function()
  local ws = opened("/mute", { close_timeout = 0.05 })
  local flood = green.spawn(function()
    while true do
      ws:send(("x"):rep(1 << 18), "binary")
    end
  end)
  green.sleep(0.2)
  ws:close()
  local err = http_error("connection", wait, flood)
  check.truthy(err.message:find("1006", 1, true), err.message)
end)

check.fact("a server that sends more than is received is held back", function()
  local ws = opened "/push?n=20000"
  green.sleep(0.3)
  check.equal(ws.is_open, true, "the end has not been read")
  local count = 0
  for message in ws:messages() do
    count = count + 1
    check.equal(message, tostring(count))
  end
  check.equal(count, 20000)
  check.equal(ws.close_code, 1000)
end)
