-- What the facts about the HTTP client share: the raw-bytes server's pages, and what it counts.
local green = require "green"

local wire = {}

--- The raw-bytes server's page: `path` with the query in it, marked with `key` where one is given.
function wire.page(path, key)
  local url = "http://" .. servers.RAW .. path
  if key then
    url = url .. (path:find("?", 1, true) and "&" or "?") .. "key=" .. key
  end
  return url
end

local keys = 0

--- A key that nobody else uses: what is counted, is counted by key.
function wire.key()
  keys = keys + 1
  -- States that are made in one second may have the same random numbers.
  return ("k%d-%.0f-%d"):format(math.random(1 << 40), green.now() * 1e9, keys)
end

--- How many connections with that key were accepted, and how many of them are open now.
function wire.connections(key)
  local http <close> = GreenHttp { max_idle = 1 }
  local counted = http:get(wire.page "/connections?of=" .. key):json()
  return math.tointeger(counted.accepted), math.tointeger(counted.open)
end

--- Checks until it holds, two seconds at most: for what a server in another process has yet to notice.
function wire.eventually(label, holds)
  local deadline = green.now() + 2
  while not holds() do
    if green.now() > deadline then
      error(label .. ": still not so after 2 s", 2)
    end
    green.sleep(0.01)
  end
end

--- The server has seen every connection with that key close.
function wire.all_closed(key)
  wire.eventually("connections of " .. key .. " closed", function()
    local accepted, open = wire.connections(key)
    return accepted > 0 and open == 0
  end)
end

--- The request fails with an HttpError of that kind, whose message matches; gives the error.
function wire.fails(kind, pattern, fn, ...)
  local ok, problem = pcall(fn, ...)
  if ok then
    error(("expected an HttpError %s, got %s"):format(kind, tostring(problem)), 2)
  end
  if getmetatable(problem) ~= green.HttpError then
    error(("expected an HttpError %s, got the error %s"):format(kind, tostring(problem)), 2)
  end
  if problem.kind ~= kind or not problem.message:find(pattern) then
    error(("expected %s like %q, got %s: %s"):format(kind, pattern, problem.kind, problem.message), 2)
  end
  return problem
end

--- The text that the pages about compression send.
wire.compressed = {}
for number = 1, 50 do
  wire.compressed[number] = ("line %d of the compressed text\n"):format(number)
end
wire.compressed = table.concat(wire.compressed)

return wire
