-- Broken answers: each ends in an error that says what is wrong, and nobody else notices.
local check = require "support.check"
local wire = require "support.wire"
local green = require "green"

-- Page, kind of the error, what its message says.
local pages = {
  { "/bad-chunk?kind=size", "protocol", "chunk" },
  { "/bad-chunk?kind=data", "protocol", "chunk" },
  { "/bad-chunk?kind=cut", "connection", "closed" },
  { "/bad-chunk?kind=huge", "protocol", "chunk" },
  { "/bad-chunk?kind=negative", "protocol", "chunk" },
  { "/early-close", "connection", "990 bytes remaining" },
  { "/header-bomb", "too_large", "header has more than 262144 bytes" },
  { "/header-large?bytes=200000", "too_large", "field of the response's header" },
  { "/flood-1xx", "too_large", "header has more than 262144 bytes" },
  { "/two-lengths", "protocol", "Content%-Length 5 and 10" },
  { "/negative-length", "protocol", "Content%-Length" },
  { "/garbage", "protocol", "HTTP" },
  { "/bad-status", "protocol", "" },
  { "/nul-header", "protocol", "[Nn][Uu][Ll]" },
  { "/empty-reply", "connection", "[Ee]mpty reply" },
  { "/reset", "connection", "reset" },
  { "/gzip-bad", "decode", "" },
}

for _, page in ipairs(pages) do
  local path, kind, pattern = table.unpack(page)
  check.fact(path .. " is an error of kind " .. kind, function()
    local http <close> = GreenHttp()
    local key = wire.key()
    local neighbour = green.spawn(function()
      return http:get(wire.page("/slow?ms=5&count=20")).content
    end)
    local problem = wire.fails(kind, pattern, http.get, http, wire.page(path, key))
    check.truthy(problem.message:find("GET http://", 1, true) == 1, problem.message)
    check.equal(problem.response, nil)
    check.equal(wait(neighbour), "abcdefghijklmnopqrst")
    wire.all_closed(key)
    check.equal(http:info().in_flight, 0)
    check.equal(http:get(wire.page "/echo").status_code, 200)
  end)
end

check.fact("more bytes than told are not read, and their connection is not used again", function()
  local http <close> = GreenHttp()
  local key = wire.key()
  check.equal(http:get(wire.page("/wrong-length", key)).content, "hello")
  check.equal(http:get(wire.page "/echo").reused, false)
  wire.all_closed(key)
end)

check.fact("a header may be as large as max_header says", function()
  local http <close> = GreenHttp { max_header = 1000 }
  local url = wire.page "/header-large?bytes=2000"
  wire.fails("too_large", "header has more than 1000 bytes %(max_header%)", http.get, http, url)
  check.equal(http:get(url, { max_header = 10000 }).content, "done")
  local wide <close> = GreenHttp { max_header = 1 << 20 }
  wire.fails("too_large", "header", wide.get, wide, wire.page "/header-bomb")
end)

check.fact("a body is as large as max_body says at most", function()
  local http <close> = GreenHttp { max_body = 10000 }
  check.equal(#http:get(wire.page "/chunked?size=1000&n=10").content, 10000)
  local key = wire.key()
  wire.fails("too_large", "body has more than 10000 bytes %(max_body%)", http.get, http,
    wire.page("/chunked?size=1000&n=11", key))
  wire.all_closed(key)
  wire.fails("too_large", "max_body", http.get, http, wire.page "/endless")
  check.equal(#http:get(wire.page "/chunked?size=1000&n=20", { max_body = false }).content, 20000)
end)

check.fact("a body that is told to be too large is not waited for", function()
  local http <close> = GreenHttp()
  wire.fails("too_large", "max_body", http.get, http, wire.page "/hang-after-head", { max_body = 999 })
end)

check.fact("a stream that breaks off gives what came, then the error", function()
  local http <close> = GreenHttp()
  for _, path in ipairs { "/early-close", "/bad-chunk?kind=cut" } do
    local response = http:get(wire.page(path), { stream = true })
    check.equal(response.status_code, 200)
    local got = {}
    local problem = wire.fails("connection", "closed", function()
      for piece in response:iter_content(3) do
        got[#got + 1] = piece
      end
    end)
    check.equal(table.concat(got):sub(1, 5), path == "/early-close" and "01234" or "hello")
    check.equal(problem.response, response)
    wire.fails("connection", "closed", response.read, response)
    wire.fails("connection", "closed", function() return response.content end)
  end
end)

check.fact("over HTTP/2 a body that breaks off is an error too", function()
  local http <close> = GreenHttp { verify = servers.CA }
  wire.fails("connection", "", http.get, http, servers.HTTPS .. "/raw/early-close")
end)

check.fact("an address where nobody listens is an error of kind connect", function()
  local http <close> = GreenHttp()
  wire.fails("connect", "127.0.0.1", http.get, http, "http://127.0.0.1:1/")
end)

check.fact("a name that does not resolve is an error of kind dns, and the next request is unharmed", function()
  local http <close> = GreenHttp { timeout = 5 }
  for _ = 1, 3 do
    wire.fails("dns", "nosuch.invalid", http.get, http, "http://nosuch.invalid/")
    check.equal(http:get(wire.page "/echo").status_code, 200)
  end
end)
