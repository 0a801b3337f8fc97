-- How a client reaches its servers: sockets, names, interfaces; and who is told about it: hooks and figures.
local check = require "support.check"
local green = require "green"

check.fact("a request is answered over a Unix socket", function()
  local http = GreenHttp { unix_socket = servers.UNIX }
  local r = http:get("http://whatever.test/small.txt")
  check.equal(r.status_code, 200)
  check.equal(r:text(), "small\n")
end)
