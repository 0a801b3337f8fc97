-- Bodies read while they come.
local check = require "support.check"
local wire = require "support.wire"
local green = require "green"

local letters = "abcdefghijklmnopqrstuvwxyz"

local function collect(iterator)
  local list = {}
  for item in iterator do
    list[#list + 1] = item
  end
  return list
end

check.fact("a streamed request returns with the head, while the body is held back", function()
  local http <close> = GreenHttp()
  local response = http:get(wire.page "/hang-after-head", { stream = true })
  check.equal(response.status_code, 200)
  check.equal(response.headers["content-length"], "1000")
  check.equal(response.http_version, "1.1")
  check.equal(response.remote_address, "127.0.0.1")
  check.truthy(response.elapsed.first_byte > 0)
  check.equal(http:info().in_flight, 1)
  response:close()
  check.equal(http:info().in_flight, 0)
end)

check.fact("reused is known while the body comes", function()
  local http <close> = GreenHttp()
  http:get(wire.page "/echo")
  local response <close> = http:get(wire.page "/slow?ms=1&count=10", { stream = true })
  check.equal(response.reused, true)
end)

check.fact("read gives what there is, at most so many bytes, and nil at the end", function()
  local http <close> = GreenHttp()
  local response = http:get(wire.page "/slow?ms=2&count=26", { stream = true })
  local pieces = {}
  for piece in function() return response:read(4) end do
    check.truthy(#piece >= 1 and #piece <= 4, piece)
    pieces[#pieces + 1] = piece
  end
  check.truthy(#pieces >= 7, #pieces)
  check.equal(table.concat(pieces), letters)
  check.equal(response:read(), nil)
  check.equal(response:read(4), nil)
  check.truthy(response.elapsed.total > 0.04)
end)

check.fact("read and iter_content want a number of bytes from 1 up", function()
  local http <close> = GreenHttp()
  local response <close> = http:get(wire.page "/chunked", { stream = true })
  for _, size in ipairs { 0, -1, 1.5, "x" } do
    check.raises("streaming.lua:%d+: a number of bytes from 1 up expected, got " .. tostring(size):gsub("%p", "%%%0"),
      function() return response:read(size), 1 end)
    check.raises("from 1 up expected", function() response:iter_content(size) end)
  end
end)

check.fact("iter_content gives pieces of the size asked for at most, and all of the body", function()
  local http <close> = GreenHttp()
  for _, size in ipairs { 1, 7, 1000, 1001, 100000 } do
    local response = http:get(wire.page "/chunked?size=1000&n=10", { stream = true })
    local body = collect(response:iter_content(size))
    for _, piece in ipairs(body) do
      check.truthy(#piece <= size)
    end
    body = table.concat(body)
    check.equal(#body, 10000)
    check.equal(body:sub(999, 1002), "aabb")
  end
end)

check.fact("of a response that was not streamed the pieces are the same", function()
  local http <close> = GreenHttp()
  local response = http:get(wire.page "/chunked?size=1000&n=10")
  local body = collect(response:iter_content(512))
  check.equal(#body[1], 512)
  check.equal(#table.concat(body), 10000)
  check.equal(response:read(), nil)
end)

check.fact("content after partial reads is the rest", function()
  local http <close> = GreenHttp()
  local response = http:get(wire.page "/slow?ms=1&count=26", { stream = true })
  local first = response:read(1) .. response:read(1)
  check.equal(first, "ab")
  check.equal(response.content, letters:sub(3))
  check.equal(response.content, letters:sub(3))
  check.equal(response:text(), letters:sub(3))
  -- What was collected can be read again.
  check.equal(response:read(3), "cde")
  check.equal(response:read(100), letters:sub(6))
  check.equal(response:read(), nil)
end)

check.fact("content of a stream is all of it, and json reads it", function()
  local http <close> = GreenHttp()
  check.equal(http:get(wire.page "/slow?ms=1&count=26", { stream = true }).content, letters)
  check.equal(type(http:get(servers.HTTP .. "/data.json", { stream = true }):json()), "table")
  check.equal(http:get(servers.HTTP .. "/empty.txt", { stream = true }).content, "")
  check.equal(http:head(wire.page "/chunked", { stream = true }).content, "")
end)

check.fact("ten thousand lines come as lines", function()
  local http <close> = GreenHttp()
  for _, stream in ipairs { true, false } do
    local count = 0
    for line in http:get(servers.HTTP .. "/lines.txt", { stream = stream }):iter_lines() do
      count = count + 1
      if line ~= "line " .. count then
        check.equal(line, "line " .. count)
      end
    end
    check.equal(count, 10000)
  end
end)

-- What iter_lines makes of bytes that come in pieces of one to seven.
local function lines_of(text)
  local http <close> = GreenHttp()
  local position, size = 1, 0
  local response = http:post(wire.page "/swallow")
  rawset(response, "read", function()
    size = size % 7 + 1
    local piece = text:sub(position, position + size - 1)
    position = position + #piece
    return piece ~= "" and piece or nil
  end)
  return collect(response:iter_lines())
end

check.fact("lines end with LF or CR LF, wherever the pieces are cut; the last needs no end", function()
  check.list(lines_of "one\ntwo\r\nthree", { "one", "two", "three" })
  check.list(lines_of "", {})
  check.list(lines_of "\n", { "" })
  check.list(lines_of "\r\n\r\n\n", { "", "", "" })
  check.list(lines_of "a\rb\r\nc\n", { "a\rb", "c" })
  local long = ("x"):rep(1000)
  check.list(lines_of(long .. "\r\n" .. long), { long, long })
end)

local function events_of(path, options)
  local http <close> = GreenHttp()
  local response = http:get(wire.page(path), options or { stream = true })
  return collect(response:iter_events())
end

for _, path in ipairs { "/sse?split=1", "/sse?split=0" } do
  check.fact("events are read by the rules of the HTML standard: " .. path, function()
    local events = events_of(path)
    local expected = {
      { "message", "first", nil }, { "message", "two\nlines", "1" }, { "update", '{"n": 3}', "1", 250 },
      { "message", "", "1" }, { "message", "last é", "zwei" },
    }
    check.equal(#events, #expected)
    for i, event in ipairs(events) do
      check.equal(event.event, expected[i][1])
      check.equal(event.data, expected[i][2])
      check.equal(event.id, expected[i][3])
      check.equal(event.retry, expected[i][4])
    end
  end)
end

check.fact("events come as soon as they are there", function()
  local http <close> = GreenHttp()
  local response <close> = http:get(wire.page "/sse?ms=20", { stream = true })
  local first = response:iter_events()()
  check.equal(first.data, "first")
  check.equal(http:info().in_flight, 1)
end)

check.fact("a stream of events is resumed with Last-Event-ID until the server says that it is over", function()
  local http <close> = GreenHttp()
  local seen, last = {}, nil
  while true do
    local response = http:get(wire.page "/sse-resume", { stream = true, headers = { ["Last-Event-ID"] = last } })
    if response.status_code == 204 then
      break
    end
    for event in response:iter_events() do
      last = event.id
      seen[#seen + 1] = event.data
      check.equal(event.retry, event.data % 2 == 1 and 20 or nil)
    end
  end
  check.list(seen, { "1", "2", "3", "4", "5", "6" })
end)

check.fact("save writes the body, tells how far it is, and leaves no part behind", function()
  local http <close> = GreenHttp()
  local path = os.tmpname()
  local calls, last, told = 0, 0, nil
  local bytes = http:get(servers.HTTP .. "/1MiB.bin", { stream = true }):save(path, function(done, total)
    check.truthy(done > last)
    calls, last, told = calls + 1, done, total
  end)
  check.equal(bytes, 1 << 20)
  check.equal(last, 1 << 20)
  check.equal(told, 1 << 20)
  check.truthy(calls >= 16)
  local file <close> = io.open(path, "rb")
  local content = file:read("a")
  check.equal(#content, 1 << 20)
  check.equal(content:byte(1 << 20), 255)
  check.equal(io.open(path .. ".part"), nil)
  os.remove(path)
end)

check.fact("save of a packed body does not know how large it will be", function()
  local http <close> = GreenHttp()
  local path = os.tmpname()
  local told = "?"
  http:get(wire.page "/gzip", { stream = true }):save(path, function(_, total) told = total end)
  check.equal(told, nil)
  local file <close> = io.open(path, "rb")
  check.equal(file:read("a"), wire.compressed)
  os.remove(path)
end)

check.fact("save that fails leaves the old file, and no part", function()
  local http <close> = GreenHttp()
  local path = os.tmpname()
  local old <close> = io.open(path, "wb")
  old:write("old"):close()
  local key = wire.key()
  wire.fails("connection", "closed", function()
    http:get(wire.page "/early-close", { stream = true }):save(path)
  end)
  check.raises("enough", function()
    http:get(wire.page("/slow?ms=1&count=1000", key), { stream = true }):save(path, function() error("enough") end)
  end)
  local saving = green.spawn(function() http:get(wire.page "/hang-in-body", { stream = true }):save(path) end)
  wire.eventually("part", function() return io.open(path .. ".part") end)
  saving:cancel()
  pcall(wait, saving)
  check.equal(io.open(path .. ".part"), nil)
  local file <close> = io.open(path, "rb")
  check.equal(file:read("a"), "old")
  os.remove(path)
  check.raises("streaming.lua:%d+: save: .*No such file", function()
    http:get(wire.page "/gzip", { stream = true }):save("/nowhere/at/all")
  end)
end)

check.fact("a body that is not read is held back by its server", function()
  local http <close> = GreenHttp()
  local before = green.info().lua_memory
  local response = http:get(wire.page "/endless", { stream = true })
  -- Neighbours go on while it is paused.
  for _ = 1, 20 do
    check.equal(http:get(wire.page "/chunked").status_code, 200)
  end
  check.truthy(green.info().lua_memory - before < 1 << 20)
  local bytes = 0
  for piece in response:iter_content() do
    bytes = bytes + #piece
    if bytes > 5 << 20 then
      break
    end
  end
  check.truthy(bytes > 5 << 20)
  response:close()
end)

check.fact("ten megabytes read slowly are whole", function()
  local http <close> = GreenHttp()
  local response = http:get(servers.HTTP .. "/10MiB.bin", { stream = true })
  local bytes, turns = 0, 0
  for piece in response:iter_content(100000) do
    check.equal(piece:byte(1), bytes % 256)
    bytes = bytes + #piece
    turns = turns + 1
    if turns % 10 == 0 then
      green.sleep(0.001)
    end
  end
  check.equal(bytes, 10 << 20)
end)

check.fact("over HTTP/2 a body that is not read holds up nobody else", function()
  local http <close> = GreenHttp { verify = servers.CA, timeout = 5 }
  local slow = http:get(servers.HTTPS .. "/10MiB.bin", { stream = true })
  check.equal(slow.http_version, "2")
  for _ = 1, 3 do
    check.equal(#http:get(servers.HTTPS .. "/1MiB.bin").content, 1 << 20)
  end
  check.equal(#slow.content, 10 << 20)
end)

check.fact("close frees the connection at once", function()
  local http <close> = GreenHttp()
  local key = wire.key()
  local response = http:get(wire.page("/endless", key), { stream = true })
  response:read()
  response:close()
  check.equal(http:info().in_flight, 0)
  wire.all_closed(key)
  wire.fails("cancelled", "/endless", function()
    while response:read() do end
  end)
  response:close()
end)

check.fact("a response that goes out of scope by close is given up", function()
  local http <close> = GreenHttp()
  do
    local response <close> = http:get(wire.page "/endless", { stream = true })
    check.truthy(response:read(10))
  end
  check.equal(http:info().in_flight, 0)
end)

check.fact("a response that was dropped frees its connection when the garbage is collected", function()
  local http <close> = GreenHttp()
  local key = wire.key()
  do
    local response = http:get(wire.page("/endless", key), { stream = true })
    response:read()
  end
  wire.eventually("collected", function()
    collectgarbage()
    return http:info().in_flight == 0
  end)
  wire.all_closed(key)
end)

check.fact("a body that nobody waits for keeps no program running", function()
  -- The run of this fact would not end.
  local response = GreenHttp():get(wire.page "/endless", { stream = true })
  check.equal(response.status_code, 200)
  local other = GreenHttp():get(wire.page "/hang-in-body", { stream = true })
  check.equal(other:read(), "0123456789")
end)

check.fact("a stream read to its end leaves its connection to the next", function()
  local http <close> = GreenHttp()
  http:get(wire.page "/chunked", { stream = true }).content:len()
  check.equal(http:get(wire.page "/chunked").reused, true)
end)

check.fact("two greens can read one stream", function()
  local http <close> = GreenHttp()
  local response = http:get(wire.page "/slow?ms=1&count=26", { stream = true })
  local bytes = 0
  local function read()
    for piece in response:iter_content(1) do
      bytes = bytes + #piece
    end
  end
  green.gather(read, read)
  check.equal(bytes, 26)
end)

check.fact("max_body counts for streams where it is asked for", function()
  local http <close> = GreenHttp()
  wire.fails("too_large", "max_body", function()
    return http:get(wire.page "/endless", { stream = true, max_body = 100000 }).content
  end)
end)
