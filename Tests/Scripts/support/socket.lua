-- What facts about WebSockets have in common.
local check = require "support.check"
local green = require "green"
local cjson = require "cjson"

local socket = {}

--- A WebSocket of the test server's page.
function socket.opened(page, options, client)
  return (client or GreenHttp()):websocket(servers.WS .. page, options)
end

--- The values of a field that came with the handshake, with " | " between them.
function socket.header_sent(name, options, client)
  local ws <close> = socket.opened("/headers", options, client)
  local values = {}
  for _, field in ipairs(cjson.decode((ws:receive()))) do
    if field[1]:lower() == name then
      values[#values + 1] = field[2]
    end
  end
  return table.concat(values, " | ")
end

--- `fn(...)` raises an HttpError of this kind; gives it.
function socket.http_error(kind, fn, ...)
  local ok, err = pcall(fn, ...)
  check.equal(ok, false, "raised")
  check.equal(getmetatable(err), green.HttpError, tostring(err))
  check.equal(err.kind, kind, err.message)
  return err
end

--- How many connections this process has from a loopback address: a client with `interface` is known by it.
function socket.connections(address)
  local a, b, c, d = address:match("(%d+)%.(%d+)%.(%d+)%.(%d+)")
  local wanted, count = ("%02X%02X%02X%02X:"):format(d, c, b, a), 0
  for line in io.lines("/proc/net/tcp") do
    -- Of a closed socket the kernel keeps a row without an inode.
    local of, inode = line:match("^%s*%d+: (%x+:)%x+ %x+:%x+ %x+ %x+:%x+ %x+:%x+ %x+ +%d+ +%d+ (%d+)")
    if of == wanted and inode ~= "0" then
      count = count + 1
    end
  end
  return count
end

return socket
