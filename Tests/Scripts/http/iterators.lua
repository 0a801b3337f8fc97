-- What an iterator over a body leaves behind, when its loop is left, is there for whoever reads next.
local check = require "support.check"
local wire = require "support.wire"

local function lines(stream)
  return GreenHttp():get(servers.HTTP .. "/lines.txt", { stream = stream })
end

-- Takes so many lines, and leaves the loop.
local function take(response, count)
  local last
  for line in response:iter_lines() do
    last, count = line, count - 1
    if count == 0 then
      return last
    end
  end
end

for _, stream in ipairs { true, false } do
  local how = stream and "streamed" or "collected"

  check.fact("iter_lines goes on behind the line it was left at: " .. how, function()
    local response = lines(stream)
    check.equal(take(response, 1), "line 1")
    check.equal(take(response, 2), "line 3")
    local count, last = 3, nil
    for line in response:iter_lines() do
      count, last = count + 1, line
    end
    check.equal(count, 10000)
    check.equal(last, "line 10000")
  end)

  check.fact("read and iter_content go on behind the last line: " .. how, function()
    local response = lines(stream)
    check.equal(take(response, 2), "line 2")
    check.equal(response:read(7), "line 3\n")
    check.equal(response:iter_content(4)(), "line")
    check.equal(response:read(3), " 4\n")
    check.equal(take(response, 1), "line 5")
    check.equal(response:read():sub(1, 7), "line 6\n")
  end)
end

check.fact("content and text of a stream are what is behind the last line", function()
  local whole = lines(false).content
  for _, name in ipairs { "content", "text" } do
    local response = lines(true)
    check.equal(take(response, 3), "line 3")
    local rest = name == "text" and response:text() or response.content
    check.equal(rest, whole:sub(#"line 1\nline 2\nline 3\n" + 1), name)
    check.equal(response.content, rest)
  end
end)

check.fact("content of a collected response stays whole", function()
  local response = lines(false)
  local whole = response.content
  check.equal(take(response, 3), "line 3")
  check.equal(response.content, whole)
end)

check.fact("save writes what is behind the last line", function()
  local path = os.tmpname()
  local response = lines(true)
  check.equal(take(response, 9999), "line 9999")
  check.equal(response:save(path), #"line 10000\n")
  local file <close> = io.open(path)
  check.equal(file:read "a", "line 10000\n")
  os.remove(path)
end)

-- read(n) gives what has come, up to n bytes.
local function read_all(response, count)
  local bytes = ""
  while #bytes < count do bytes = bytes .. assert(response:read(count - #bytes)) end
  return bytes
end

for _, split in ipairs { 0, 1 } do
  check.fact("iter_events goes on behind the event it was left at: split=" .. split, function()
    local response = GreenHttp():get(wire.page("/sse?split=" .. split), { stream = true })
    local seen = {}
    for _ = 1, 6 do
      local event = response:iter_events()()
      seen[#seen + 1] = event and event.data .. "/" .. tostring(event.id) or "the end"
    end
    check.list(seen, { "first/nil", "two\nlines/1", '{"n": 3}/1', "/1", "last é/zwei", "the end" })
  end)

  check.fact("lines go on behind an event, also one that ended with half of CR LF: split=" .. split, function()
    local response = GreenHttp():get(wire.page("/sse?split=" .. split), { stream = true })
    check.equal(response:iter_events()().data, "first")
    check.equal(response:iter_events()().data, "two\nlines")
    check.equal(read_all(response, 5), "retry")
    check.equal(read_all(response, 5):sub(1, 1), ":")
    check.equal(response:iter_events()().data, '{"n": 3}')
    check.equal(take(response, 1), "event: nothing is sent without data")
  end)
end

check.fact("a stream of events that was read as content begins behind the event", function()
  local response = GreenHttp():get(wire.page "/sse?split=0", { stream = true })
  check.equal(response:iter_events()().data, "first")
  check.equal(response.content:sub(1, 18), "id: 1\r\ndata: two\r\n")
end)
