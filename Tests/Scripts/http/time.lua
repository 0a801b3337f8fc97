-- Time limits, and giving up: the connection is free at once.
local check = require "support.check"
local wire = require "support.wire"
local green = require "green"

-- fn fails with a timeout after about so many seconds.
local function times_out(seconds, pattern, fn, ...)
  local from = green.now()
  wire.fails("timeout", pattern, fn, ...)
  local took = green.now() - from
  if took < seconds * 0.9 or took > seconds + 2 then
    error(("timed out after %.3f s instead of %g"):format(took, seconds), 2)
  end
end

check.fact("timeout limits the whole request, and frees its connection", function()
  local http <close> = GreenHttp { timeout = 0.1 }
  for _, path in ipairs { "/hang", "/hang-after-head", "/hang-in-body", "/slow?ms=10&count=1000", "/slow-head?ms=50" } do
    local key = wire.key()
    times_out(0.1, "no response within 0.1 s %(timeout%)", http.get, http, wire.page(path, key))
    check.equal(http:info().in_flight, 0)
    wire.all_closed(key)
  end
end)

check.fact("timeout limits redirects and repetitions together", function()
  local http <close> = GreenHttp { timeout = 0.2, max_redirects = 1000000, retries = { count = 100, backoff = 0.01 } }
  times_out(0.2, "%(timeout%)", http.get, http, wire.page "/redirect-loop")
  times_out(0.2, "%(timeout%)", http.get, http, wire.page "/status/503")
end)

check.fact("timeout limits a stream to its end", function()
  local http <close> = GreenHttp { timeout = 0.2 }
  local response = http:get(wire.page "/slow?ms=10&count=1000", { stream = true })
  local bytes = 0
  times_out(0.2, "%(timeout%)", function()
    for piece in response:iter_content() do
      bytes = bytes + #piece
    end
  end)
  check.truthy(bytes > 3, bytes)
end)

check.fact("read_timeout limits silence, not duration", function()
  local http <close> = GreenHttp { read_timeout = 0.1 }
  check.equal(#http:get(wire.page "/slow?ms=10&count=30").content, 30)
  check.equal(http:get(wire.page "/slow-head?ms=10").content, "slow")
  for _, path in ipairs { "/hang", "/hang-after-head", "/hang-in-body" } do
    local key = wire.key()
    times_out(0.1, "nothing received for 0.1 s %(read_timeout%)", http.get, http, wire.page(path, key))
    wire.all_closed(key)
  end
end)

check.fact("read_timeout counts for streams, but not while the reader is slow", function()
  local http <close> = GreenHttp { read_timeout = 0.1 }
  local response = http:get(servers.HTTP .. "/10MiB.bin", { stream = true })
  response:read(1000)
  green.sleep(0.3)
  check.equal(#response.content, (10 << 20) - 1000)
  local hung = http:get(wire.page "/hang-in-body", { stream = true })
  check.equal(hung:read(), "0123456789")
  times_out(0.1, "%(read_timeout%)", hung.read, hung)
end)

check.fact("waiting for a connection counts for timeout only", function()
  local http <close> = GreenHttp { max_per_host = 1, read_timeout = 0.1, connect_timeout = 0.1 }
  local first = green.spawn(function() return http:get(wire.page "/slow?ms=10&count=40").content end)
  check.settle()
  times_out(0.1, "%(timeout%)", http.get, http, wire.page "/echo", { timeout = 0.1 })
  check.equal(http:get(wire.page "/echo").status_code, 200)
  check.equal(#wait(first), 40)
end)

check.fact("connect_timeout limits the TLS handshake as well", function()
  -- A server that accepts, and says nothing that TLS needs.
  local http <close> = GreenHttp { connect_timeout = 0.2 }
  times_out(0.2, "^GET https://.*time", http.get, http, "https://" .. servers.RAW .. "/hang")
end)

check.fact("green.timeout around a request gives it up", function()
  local http <close> = GreenHttp()
  for _, path in ipairs { "/hang", "/slow?ms=10&count=1000" } do
    local key = wire.key()
    check.raises("timeout", green.timeout, 0.1, http.get, http, wire.page(path, key))
    check.equal(http:info().in_flight, 0)
    wire.all_closed(key)
  end
end)

check.fact("green.timeout around a stream gives it up", function()
  local http <close> = GreenHttp()
  local key = wire.key()
  local response = http:get(wire.page("/hang-in-body", key), { stream = true })
  check.equal(response:read(), "0123456789")
  check.raises("timeout", green.timeout, 0.1, response.read, response)
  check.equal(http:info().in_flight, 0)
  wire.all_closed(key)
end)

check.fact("a cancelled request frees its connection at once, wherever it is", function()
  local http <close> = GreenHttp()
  for _, path in ipairs { "/hang", "/hang-after-head", "/hang-in-body", "/slow-head?ms=100", "/slow?ms=10&count=9999" } do
    local key = wire.key()
    local future = green.spawn(http.get, http, wire.page(path, key))
    wire.eventually("begun", function() return wire.connections(key) == 1 end)
    future:cancel()
    check.raises("cancelled", wait, future)
    check.equal(http:info().in_flight, 0)
    wire.all_closed(key)
  end
end)

check.fact("a request that is cancelled before it begins is not made", function()
  local http <close> = GreenHttp()
  local key = wire.key()
  local future = green.spawn(http.get, http, wire.page("/echo", key))
  future:cancel()
  check.raises("cancelled", wait, future)
  check.equal(wire.connections(key), 0)
  check.equal(http:info().completed, 0)
end)

check.fact("over HTTP/2 a cancelled request leaves the connection to the others", function()
  local http <close> = GreenHttp { verify = servers.CA }
  http:get(servers.HTTPS .. "/small.txt")
  local neighbour = green.spawn(function() return http:get(servers.HTTPS .. "/raw/slow?ms=5&count=26") end)
  local hung = green.spawn(http.get, http, servers.HTTPS .. "/raw/hang")
  check.settle()
  hung:cancel()
  check.raises("cancelled", wait, hung)
  check.equal(wait(neighbour).content, "abcdefghijklmnopqrstuvwxyz")
  check.equal(http:get(servers.HTTPS .. "/small.txt").reused, true)
end)

check.fact("a request of a cancelled pause between repetitions is given up", function()
  local http <close> = GreenHttp { retries = { count = 5, backoff = 60, longest = 60 } }
  local future = green.spawn(http.get, http, wire.page "/status/503")
  wire.eventually("first attempt", function() return http:info().in_flight == 1 and http:info().waiting == 0 end)
  green.sleep(0.05)
  future:cancel()
  check.raises("cancelled", wait, future)
  check.equal(http:info().in_flight, 0)
end)
