-- A handler that answers with what another server answered.
local check = require "support.check"
local wire = require "support.wire"
local green = require "green"

-- What a client of the handler sees: the response; its body, read.
local function answer_of(app)
  return GreenHttp { app = app, decompress = false }:get "/"
end

-- Asks another server, and answers with what `make` makes of that.
local function passing(path, make, response_middleware)
  local app = function()
    return make(GreenHttp():get(wire.page(path)))
  end
  return answer_of(response_middleware and GreenWSGI(app, nil, response_middleware) or app)
end

local forms = {
  ["status, headers, body"] = function(r) return r.status_code, r.headers, r.content end,
  ["a table"] = function(r) return { status = r.status_code, headers = r.headers, body = r.content } end,
  ["a stream"] = function(r) return r.status_code, r.headers, r:iter_content() end,
}

for form, make in pairs(forms) do
  check.fact("the fields of a response arrive, every cookie too: " .. form, function()
    for _, middleware in ipairs { false, function() end } do
      local r = passing("/multi-header", make, middleware or nil)
      check.equal(r.status_code, 200)
      check.equal(r.headers["x-multi"], "one, two, three, four")
      check.list(r.headers:get_all "set-cookie",
        { "a=1; Path=/", "b=2; Path=/; Expires=Wed, 01 Jan 2070 00:00:00 GMT" })
      check.equal(r.content, "many")
      check.equal(r.headers["content-length"], "4")
      check.equal(#r.headers:get_all "content-length", 1)
    end
  end)

  check.fact("what was unpacked is not said to be packed: " .. form, function()
    local r = passing("/gzip", make)
    check.equal(r.headers["content-encoding"], nil)
    check.equal(r.content, wire.compressed)
  end)

  check.fact("what belongs to one hop stays there: " .. form, function()
    local r = passing("/chunked", make)
    check.equal(r.headers["connection"], nil)
    check.equal(r.content, GreenHttp():get(wire.page "/chunked").content)
  end)
end

check.fact("an answer thrown as an error may have them too", function()
  local r = answer_of(function()
    local upstream = GreenHttp():get(wire.page "/multi-header")
    error { status = 502, headers = upstream.headers, body = "bad" }
  end)
  check.equal(r.status_code, 502)
  check.equal(r.headers["x-multi"], "one, two, three, four")
end)

check.fact("what is still packed keeps its coding", function()
  local r = answer_of(function()
    local upstream = GreenHttp():get(wire.page "/gzip", { decompress = false, headers = { ["Accept-Encoding"] = "gzip" } })
    return upstream.status_code, upstream.headers, upstream.content
  end)
  check.equal(r.headers["content-encoding"], "gzip")
  check.equal(#r.content, tonumber(r.headers["content-length"]))
end)

check.fact("pairs gives each cookie, and # counts the pairs", function()
  local headers = GreenHttp():get(wire.page "/multi-header").headers
  local cookies, count = {}, 0
  for name, value in pairs(headers) do
    count = count + 1
    cookies[#cookies + 1] = name == "set-cookie" and value or nil
  end
  check.list(cookies, { "a=1; Path=/", "b=2; Path=/; Expires=Wed, 01 Jan 2070 00:00:00 GMT" })
  check.equal(#headers, count)
end)

check.fact("end_to_end gives a table of one's own", function()
  local headers = GreenHttp { app = function()
    return 200, { Connection = "close", ["X-One"] = "1", ["Set-Cookie"] = { "a=1", "b=2" }, ["Proxy-Authenticate"] = "x" }, "x"
  end }:get("/").headers
  local plain = headers:end_to_end()
  check.equal(getmetatable(plain), nil)
  check.equal(plain["x-one"], "1")
  check.equal(plain["content-length"], "1")
  check.list(plain["set-cookie"], { "a=1", "b=2" })
  check.equal(plain["connection"], nil)
  check.equal(plain["proxy-authenticate"], nil)
  plain["x-one"] = "2"
  plain["set-cookie"][1] = "c=3"
  check.equal(headers["x-one"], "1")
  check.list(headers:get_all "set-cookie", { "a=1", "b=2" })
end)

check.fact("any headers that pairs goes through are sent, names that come again as well", function()
  local made = setmetatable({}, { __pairs = function()
    local list, i = { { "X-A", "1" }, { "X-B", "2" }, { "X-A", "3" } }, 0
    return function()
      i = i + 1
      if list[i] then
        return list[i][1], list[i][2]
      end
    end
  end })
  for _, middleware in ipairs { false, function() end } do
    local app = function() return 200, made, "x" end
    local r = answer_of(middleware and GreenWSGI(app, nil, middleware) or app)
    check.list(r.headers:get_all "x-a", { "1", "3" })
    check.equal(r.headers["x-b"], "2")
  end
end)

check.fact("headers that raise are a 500, and logged", function()
  local r = answer_of(function()
    return 200, setmetatable({}, { __pairs = function() error("no headers today") end }), "x"
  end)
  check.equal(r.status_code, 500)
  check.truthy(harness:log():find("error in a handler: .*no headers today"))
end)

check.fact("a stream has the length that its handler says", function()
  local pieces = { "ab", "cde" }
  local r = answer_of(function()
    local i = 0
    return 200, { ["Content-Length"] = 5 }, function() i = i + 1 return pieces[i] end
  end)
  check.equal(r.headers["content-length"], "5")
  check.equal(r.headers["transfer-encoding"], nil)
  check.equal(r.content, "abcde")
end)

for length, pattern in pairs { [4] = "longer than the Content%-Length", [6] = "1 bytes before the Content%-Length" } do
  check.fact("a stream that is not as long as was said is broken off, and logged: " .. length, function()
    local i = 0
    wire.fails("connection", "broken off", answer_of, function()
      return 200, { ["content-length"] = tostring(length) }, function()
        i = i + 1
        return i < 3 and ("abcde"):sub(i * 2 - 1, i == 1 and 2 or 5) or nil
      end
    end)
    check.truthy(harness:log():find(pattern))
  end)
end

check.fact("HEAD tells the length that a stream would have", function()
  local r = GreenHttp { app = function()
    return 200, { ["Content-Length"] = 5 }, function() error("not asked") end
  end }:head "/"
  check.equal(r.headers["content-length"], "5")
  check.equal(r.content, "")
end)
