-- WebSockets: how they end, and what is left of them then. They talk to servers.WS.
local check = require "support.check"
local green = require "green"
local socket = require "support.socket"
local opened, http_error = socket.opened, socket.http_error
local connections = socket.connections

check.fact("the server's close is told to all who receive, with code and reason", function()
  local ws = opened "/close?code=4001&reason=enough"
  check.list({ ws:receive() }, { nil, "closed", 4001, "enough", n = 4 })
  check.list({ ws:receive(1) }, { nil, "closed", 4001, "enough", n = 4 })
  check.equal(ws.is_open, false)
  check.equal(ws.close_code, 4001)
  check.equal(ws.close_reason, "enough")
  check.list({ ws:ping() }, { nil, "closed", 4001, "enough", n = 4 })
  local err = http_error("connection", ws.send, ws, "x")
  check.truthy(err.message:find("closed with 4001 (enough)", 1, true), err.message)
  check.equal(ws:close(), true)
end)

check.fact("messages before the server's close are received", function()
  local ws = opened "/close-after?code=1001"
  ws:send("last words")
  green.sleep(0.1)
  check.equal(ws:receive(), "last words")
  check.list({ ws:receive() }, { nil, "closed", 1001, "", n = 4 })
end)

check.fact("close says why and waits for the server's answer", function()
  local ws = opened "/"
  check.equal(ws.is_open, true)
  check.equal(ws.close_code, nil)
  check.equal(ws:close(4321, "bye"), true)
  check.equal(ws.close_code, 4321)
  check.equal(ws.close_reason, "bye")
  check.equal(ws:close(), true)
  check.list({ ws:receive() }, { nil, "closed", 4321, "bye", n = 4 })
end)

check.fact("close refuses codes that may not be sent", function()
  local ws = opened "/"
  for _, code in ipairs { 0, 999, 1004, 1005, 1006, 1015, 2999, 5000, -1, 70000 } do
    http_error("invalid", ws.close, ws, code)
  end
  http_error("invalid", ws.close, ws, 1000, ("x"):rep(124))
  check.equal(ws.is_open, true)
  ws:close()
end)

check.fact("those who receive are told of an own close", function()
  local ws = opened "/"
  local waiting = green.spawn(function()
    return table.pack(ws:receive())
  end)
  check.settle()
  ws:close(1000, "done")
  check.list(wait(waiting), { nil, "closed", 1000, "done", n = 4 })
end)

check.fact("a connection that breaks is a close with 1006", function()
  local ws = opened "/drop"
  ws:send("x")
  local data, why, code = ws:receive()
  check.list({ data, why, code, n = 3 }, { nil, "closed", 1006, n = 3 })
end)

check.fact("a server that does not answer the close frame is left after close_timeout", function()
  local ws = opened("/mute", { close_timeout = 0.1 })
  local before = green.now()
  check.list({ ws:close() }, { nil, "no answer to the close frame (close_timeout)", n = 2 })
  local spent = green.now() - before
  check.truthy(spent >= 0.1 and spent < 2, spent)
  check.equal(ws.close_code, 1006)
end)

check.fact("a message longer than max_message ends it with 1009", function()
  local ws = opened("/big?size=100001", { max_message = 100000 })
  local err = http_error("too_large", ws.receive, ws)
  check.truthy(err.message:find("100000", 1, true), err.message)
  check.equal(ws.close_code, 1009)
  http_error("too_large", ws.receive, ws)
  local fits = opened("/big?size=100000", { max_message = 100000 })
  check.equal(#fits:receive(), 100000)
  fits:close()
end)

check.fact("a variable that is closed closes the WebSocket", function()
  local seen
  do
    local ws <close> = opened "/"
    seen = ws
    check.equal(ws.is_open, true)
  end
  check.equal(seen.close_code, 1000)
  pcall(function()
    local ws <close> = opened "/"
    seen = ws
    error("left")
  end)
  check.equal(seen.is_open, false)
  check.list({ seen:receive() }, { nil, "closed", 1001, "", n = 4 })
end)

check.fact("a WebSocket that is collected closes its connection", function()
  local http = GreenHttp { interface = "127.77.1.1" }
  collectgarbage "stop"
  for _ = 1, 10 do
    opened("/", nil, http)
  end
  check.equal(connections("127.77.1.1"), 10)
  collectgarbage()
  collectgarbage()
  collectgarbage "restart"
  check.equal(connections("127.77.1.1"), 0)
end)

check.fact("however a WebSocket ends, its connection ends with it", function()
  local http = GreenHttp { interface = "127.77.1.2" }
  opened("/", nil, http):close()
  check.equal(connections("127.77.1.2"), 0, "closed")
  local ws = opened("/close", nil, http)
  ws:receive()
  ws:close()
  check.equal(connections("127.77.1.2"), 0, "closed by the server")
  ws = opened("/drop", nil, http)
  ws:send("x")
  ws:receive()
  check.equal(connections("127.77.1.2"), 0, "dropped by the server")
  ws = opened("/mute", { close_timeout = 0.02 }, http)
  ws:close()
  check.equal(connections("127.77.1.2"), 0, "not answered")
  ws = opened("/big?size=1000", { max_message = 10 }, http)
  pcall(ws.receive, ws)
  ws:close()
  check.equal(connections("127.77.1.2"), 0, "failed")
  pcall(opened, "/reject", nil, http)
  check.equal(connections("127.77.1.2"), 0, "rejected")
  pcall(http.websocket, http, "ws://" .. servers.RAW .. "/hang", { timeout = 0.02 })
  check.equal(connections("127.77.1.2"), 0, "timed out")
  local opening = green.spawn(http.websocket, http, "ws://" .. servers.RAW .. "/hang")
  green.sleep(0.02)
  opening:cancel()
  pcall(wait, opening)
  check.equal(connections("127.77.1.2"), 0, "cancelled")
end)

check.fact("greens that are stopped while they wait keep no program running", function()
  local http = GreenHttp()
  local ws = opened "/"
  local stopped = {}
  for i, work in ipairs {
    function() ws:receive() end,
    function() ws:ping() green.sleep(100) end,
    function() http:websocket("ws://" .. servers.RAW .. "/hang") end,
    function() ws:close() green.sleep(100) end,
  } do
    stopped[i] = green.spawn(function() while true do pcall(work) pcall(green.sleep, 0) end end)
  end
  green.sleep(0.05)
  for _ = 1, 2 do
    for _, future in ipairs(stopped) do future:cancel() end
    green.sleep(0)
  end
  check.truthy(harness:log():find "was stopped")
end) -- and ends: nothing keeps the loop
