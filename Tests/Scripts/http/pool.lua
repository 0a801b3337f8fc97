-- Connections: kept and used again, never more than allowed; who waits for one is served in order.
local check = require "support.check"
local wire = require "support.wire"
local green = require "green"

local function together(count, fn)
  local futures = {}
  for i = 1, count do
    futures[i] = green.spawn(fn, i)
  end
  return green.gather(futures)
end

check.fact("a connection is used again", function()
  local http <close> = GreenHttp()
  local key = wire.key()
  check.equal(http:get(wire.page("/echo", key)).reused, false)
  for _ = 1, 5 do
    check.equal(http:get(wire.page("/echo", key)).reused, true)
  end
  check.equal(wire.connections(key), 1)
end)

check.fact("what a server closed meanwhile is not used again", function()
  local http <close> = GreenHttp()
  local key = wire.key()
  check.equal(http:get(wire.page("/no-length", key)).content, "until the end")
  wire.all_closed(key)
  local response = http:post(wire.page("/echo", key), { data = "x" })
  check.equal(response.status_code, 200)
  check.equal(response.reused, false)
end)

check.fact("there are never more connections to a host than max_per_host", function()
  local http <close> = GreenHttp { max_per_host = 3 }
  local key = wire.key()
  together(12, function()
    http:get(wire.page("/slow?ms=2&count=10", key))
  end)
  check.equal(wire.connections(key), 3)
end)

check.fact("there are never more connections in all than max_connections", function()
  local http <close> = GreenHttp { max_connections = 2 }
  local key = wire.key()
  together(10, function(i)
    local url = wire.page("/slow?ms=2&count=10", key)
    if i % 2 == 0 then
      url = url:gsub("127.0.0.1", "localhost")
    end
    check.equal(http:get(url).status_code, 200)
  end)
  local accepted, open = wire.connections(key)
  check.truthy(open <= 2, open)
  check.truthy(accepted >= 2, accepted)
end)

check.fact("who waits for a connection is served first in first out", function()
  local http <close> = GreenHttp { max_per_host = 1 }
  local order = {}
  together(10, function(i)
    http:get(wire.page "/slow?ms=1&count=3")
    order[#order + 1] = i
  end)
  check.list(order, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 })
end)

check.fact("who comes later does not overtake those who wait", function()
  local http <close> = GreenHttp { max_per_host = 1 }
  local order = {}
  local futures = {}
  local function ask(i)
    futures[#futures + 1] = green.spawn(function()
      http:get(wire.page "/slow?ms=1&count=3")
      order[#order + 1] = i
      if i <= 3 then
        ask(i + 10)
      end
    end)
  end
  for i = 1, 6 do
    ask(i)
  end
  local i = 1
  while futures[i] do
    wait(futures[i])
    i = i + 1
  end
  check.list(order, { 1, 2, 3, 4, 5, 6, 11, 12, 13 })
end)

check.fact("a request does not wait for the response to another", function()
  local http <close> = GreenHttp { timeout = 5 }
  local hung = green.spawn(pcall, http.get, http, wire.page "/hang")
  check.settle()
  check.equal(http:get(wire.page "/echo").status_code, 200)
  hung:cancel()
end)

check.fact("a green that is stopped gives up its request, its body function and what it reads", function()
  local http <close> = GreenHttp { max_per_host = 3 }
  local function stream() local r = http:get(wire.page "/hang-after-head", { stream = true }) r:read() end
  local function upload()
    http:post(wire.page "/echo", { data = function() while true do pcall(green.sleep, 100) end end })
  end
  local function ask() http:get(wire.page "/hang") end
  local stopped = {}
  for i, work in ipairs { ask, upload, stream } do
    stopped[i] = green.spawn(function() while true do pcall(work) pcall(green.sleep, 0) end end)
  end
  check.settle()
  check.equal(http:info().in_flight, 3)
  for _ = 1, 2 do
    for _, future in ipairs(stopped) do future:cancel() end
    check.settle()
  end
  check.equal(http:info().in_flight, 0)
  check.equal(http:get(wire.page "/echo").status_code, 200)
  check.truthy(harness:log():find "was stopped")
end)

check.fact("a full host does not hold up requests to others", function()
  local http <close> = GreenHttp { max_per_host = 1 }
  local hung = green.spawn(function() http:get(wire.page "/hang") end)
  local waiting = green.spawn(function() http:get(wire.page "/echo") end)
  check.settle()
  check.equal(http:get(servers.HTTP .. "/small.txt", { timeout = 5 }).content, "small\n")
  check.equal(waiting:done(), false)
  check.equal(http:info().waiting, 1)
  check.equal(http:info().in_flight, 2)
  hung:cancel()
  wait(waiting)
  check.equal(http:info().in_flight, 0)
  check.equal(http:info().waiting, 0)
end)

check.fact("who is cancelled while waiting is passed over", function()
  local http <close> = GreenHttp { max_per_host = 1 }
  local order = {}
  local futures = {}
  for i = 1, 5 do
    futures[i] = green.spawn(function()
      http:get(wire.page "/slow?ms=1&count=5")
      order[#order + 1] = i
    end)
  end
  check.settle()
  futures[2]:cancel()
  futures[4]:cancel()
  for i = 1, 5 do
    pcall(wait, futures[i])
  end
  check.list(order, { 1, 3, 5 })
  check.equal(http:info().waiting, 0)
end)

check.fact("with HTTP/2 many requests share one connection, whatever max_per_host says", function()
  local http <close> = GreenHttp { verify = servers.CA, max_per_host = 1 }
  local seen = {}
  http:get(servers.HTTPS .. "/small.txt")
  local from = green.now()
  together(20, function()
    local response = http:get(servers.HTTPS .. "/raw/slow?ms=5&count=20")
    seen[response.http_version] = true
    check.equal(response.reused, true)
  end)
  check.equal(seen["2"], true)
  check.equal(next(seen, "2"), nil)
  check.truthy(green.now() - from < 1, "one after the other it would take 2 s")
end)

check.fact("the first requests to an HTTP/2 server share its connection as well", function()
  local http <close> = GreenHttp { verify = servers.CA, max_per_host = 1 }
  local from = green.now()
  together(20, function()
    http:get(servers.HTTPS .. "/raw/slow?ms=5&count=20")
  end)
  check.truthy(green.now() - from < 1.5, "one after the other it would take 2 s")
end)

check.fact("redirects wait for a connection like every request, and never for themselves", function()
  local http <close> = GreenHttp { max_per_host = 1, max_connections = 1, timeout = 10 }
  local bodies = together(6, function()
    return http:get(servers.HTTP .. "/redirect/5").content
  end)
  check.truthy(bodies)
  check.truthy(http:get(servers.HTTP .. "/cross-host").ok)
  check.equal(http:info().in_flight, 0)
end)

check.fact("a thousand requests in a hundred greens leave nothing behind", function()
  local http = GreenHttp()
  local key = wire.key()
  together(100, function(i)
    for _ = 1, 10 do
      check.equal(http:post(wire.page("/echo", key), { data = "body " .. i }).content:match("body %d+$"), "body " .. i)
    end
  end)
  local accepted = wire.connections(key)
  check.truthy(accepted <= 64, accepted)
  check.equal(http:info().completed, 1000)
  http:close()
  wire.all_closed(key)
end)

check.fact("a closed client makes no requests, and ends those that are under way", function()
  local http = GreenHttp()
  local key = wire.key()
  local slow = green.spawn(function() return http:get(wire.page("/slow?ms=5&count=10", key)).content end)
  check.settle()
  http:close()
  check.raises("this GreenHttp is closed", http.get, http, wire.page "/echo")
  check.equal(wait(slow), "abcdefghij")
  wire.all_closed(key)
  http:close()
end)

check.fact("a client that waits for a connection is served after close as well", function()
  local http = GreenHttp { max_per_host = 1 }
  local futures = {}
  for i = 1, 3 do
    futures[i] = green.spawn(function() return http:get(wire.page "/slow?ms=1&count=3").content end)
  end
  check.settle()
  http:close()
  for i = 1, 3 do
    check.equal(wait(futures[i]), "abc")
  end
end)

check.fact("a dropped client closes its connections", function()
  local key = wire.key()
  do
    local http = GreenHttp()
    http:get(wire.page("/echo", key))
  end
  wire.eventually("connection closed", function()
    collectgarbage()
    local _, open = wire.connections(key)
    return open == 0
  end)
end)
