-- The cookie jar (RFC 6265).
local check = require "support.check"
local echo_of = require "support.echo"

local raw = "http://" .. servers.RAW
local port = raw:match(":(%d+)$")

local function escape(text)
  return (text:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function set(http, lines, base, options)
  local parts = {}
  for i, line in ipairs(type(lines) == "table" and lines or { lines }) do
    parts[i] = "line=" .. escape(line)
  end
  return http:get((base or raw) .. "/set-cookie?" .. table.concat(parts, "&"), options)
end

-- What was sent, in the order of their names: of those with equal paths any may come first.
local function sent(http, url, options)
  local text = echo_of(http:get(url or raw .. "/echo", options)).headers.cookie
  if not text then
    return nil
  end
  local cookies = {}
  for cookie in text:gmatch("[^;]+") do
    cookies[#cookies + 1] = cookie:match("^%s*(.*)$")
  end
  table.sort(cookies)
  return table.concat(cookies, "; ")
end

-- A client that finds every name on this machine.
local function client(options)
  options = options or {}
  options.resolve = { "*:" .. port .. ":127.0.0.1" }
  return GreenHttp(options)
end

local function at(host, path)
  return ("http://%s:%s%s"):format(host, port, path or "/echo")
end

check.fact("a cookie that is set is sent", function()
  local http = GreenHttp()
  local r = set(http, { "a=1", "b=2; HttpOnly" })
  check.equal(r.cookies.a, "1")
  check.equal(r.cookies.b, "2")
  check.equal(sent(http), "a=1; b=2")
  check.equal(http.cookies:get("a"), "1")
end)

check.fact("the jar is listed as tables", function()
  local http = GreenHttp()
  set(http, "a=1; Path=/x; Max-Age=100; HttpOnly")
  local list = http.cookies:list()
  check.equal(#list, 1)
  check.equal(list[1].name, "a")
  check.equal(list[1].value, "1")
  check.equal(list[1].domain, "127.0.0.1")
  check.equal(list[1].path, "/x")
  check.equal(list[1].http_only, true)
  check.equal(list[1].secure, false)
  check.equal(list[1].subdomains, false)
  check.truthy(math.abs(list[1].expires - os.time() - 100) <= 2)
end)

check.fact("a cookie is for its path", function()
  local http = GreenHttp()
  set(http, "a=1; Path=/echo/sub")
  check.equal(sent(http), nil)
  check.equal(sent(http, raw .. "/echo/sub"), "a=1")
  check.equal(sent(http, raw .. "/echo/sub/x"), "a=1")
  check.equal(sent(http, raw .. "/echo/subway"), nil)
end)

check.fact("a cookie is for its host, or with Domain for its subdomains", function()
  local http = client()
  set(http, { "host=1", "domain=1; Domain=example.org" }, at("www.example.org", ""))
  check.equal(sent(http, at("www.example.org")), "domain=1; host=1")
  check.equal(sent(http, at("other.example.org")), "domain=1")
  check.equal(sent(http, at("example.org")), "domain=1")
  check.equal(sent(http, at("notexample.org")), nil)
  check.equal(sent(http, at("example.org.test")), nil)
end)

check.fact("no cookie is taken for another host, or for a public suffix", function()
  local http = client()
  set(http, { "a=1; Domain=other.test", "b=1; Domain=sub.www.example.co.uk" }, at("www.example.co.uk", ""))
  check.equal(#http.cookies:list(), 0)
  set(http, { "c=1; Domain=co.uk", "d=1; Domain=uk", "e=1; Domain=.co.uk" }, at("www.example.co.uk", ""))
  check.equal(#http.cookies:list(), 0)
  set(http, { "f=1; Domain=github.io" }, at("someone.github.io", ""))
  check.equal(#http.cookies:list(), 0)
  set(http, "g=1; Domain=example.co.uk", at("www.example.co.uk", ""))
  check.equal(sent(http, at("example.co.uk")), "g=1")
end)

check.fact("a secure cookie is sent by TLS only", function()
  local http = client { verify = servers.CA }
  set(http, "s=1; Secure", at("example.org", ""))
  check.equal(#http.cookies:list(), 0, "set without TLS")
  http.cookies:set { name = "s", value = "1", domain = "localhost", secure = true }
  http.cookies:set { name = "t", value = "1", domain = "example.org", secure = true }
  check.equal(sent(http, at("example.org")), nil)
  local r = http:get(servers.HTTPS .. "/seen")
  check.truthy(r:text():find("cookie: s=1", 1, true))
end)

check.fact("an expired cookie is gone, and a new value takes the old one's place", function()
  local http = GreenHttp()
  set(http, { "a=1", "b=1; Max-Age=100" })
  set(http, "a=2")
  check.equal(sent(http), "a=2; b=1")
  set(http, { "a=; Max-Age=0", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT" })
  check.equal(sent(http), nil)
  check.equal(#http.cookies:list(), 0)
end)

check.fact("cookies of one request are sent beside the jar's, and not kept", function()
  local http = GreenHttp()
  set(http, "a=1")
  local cookie = sent(http, nil, { cookies = { b = "2", c = 3 } })
  check.equal(cookie, "a=1; b=2; c=3")
  check.equal(sent(http), "a=1")
  local seen = echo_of(http:get(raw .. "/echo", { cookies = { { "z", "1" }, { "y", "2" } } }))
  check.equal(seen.headers.cookie, "a=1; z=1; y=2")
end)

check.fact("all cookies are in one field, also those of a Cookie header", function()
  local http = GreenHttp { headers = { Cookie = "c=1" } }
  set(http, "a=1")
  local function fields(options)
    local seen, count = echo_of(http:get(raw .. "/echo", options)), 0
    for _, name in ipairs(seen.names) do
      count = count + (name == "cookie" and 1 or 0)
    end
    check.equal(count, 1)
    return seen.headers.cookie
  end
  check.equal(fields(), "a=1; c=1")
  check.equal(fields { headers = { ["X-One"] = "1" } }, "a=1; c=1")
  check.equal(fields { headers = { cookie = "d=1" }, cookies = { e = 2 } }, "a=1; d=1; e=2")
end)

check.fact("store_cookies = false neither keeps nor sends any", function()
  local http = GreenHttp { store_cookies = false }
  local r = set(http, "a=1")
  check.equal(r.cookies.a, "1")
  check.equal(#http.cookies:list(), 0)
  check.equal(sent(http), nil)
  local other = GreenHttp()
  set(other, "a=1")
  check.equal(sent(other, nil, { store_cookies = false }), nil)
  set(other, "b=1", nil, { store_cookies = false })
  check.equal(sent(other), "a=1")
end)

check.fact("clients share no cookies", function()
  local one, other = GreenHttp(), GreenHttp()
  set(one, "a=1")
  check.equal(sent(other), nil)
  check.equal(sent(one), "a=1")
end)

check.fact("cookies are set and asked for by hand", function()
  local http = client()
  http.cookies:set { name = "a", value = "1", domain = "example.org" }
  http.cookies:set { name = "a", value = "2", domain = "example.net", path = "/echo", subdomains = true }
  check.equal(sent(http, at("example.org")), "a=1")
  check.equal(sent(http, at("www.example.org")), nil)
  check.equal(sent(http, at("www.example.net")), "a=2")
  check.equal(http.cookies:get("a", "example.net"), "2")
  check.equal(http.cookies:get("none"), nil)
  http.cookies:set { name = "gone", value = "1", domain = "example.org", expires = -1.5 }
  http.cookies:set { name = "kept", value = "1", domain = "example.org", expires = math.huge }
  check.equal(http.cookies:get("gone"), nil)
  check.equal(http.cookies:get("kept"), "1")
  check.raises("expires: number", http.cookies.set, http.cookies, { name = "a", domain = "x", expires = "soon" })
  check.raises("a table with name, value and domain expected", http.cookies.set, http.cookies, { name = "a" })
  check.raises("a control character is in", http.cookies.set, http.cookies, { name = "a\tb", value = "", domain = "x" })
  check.raises("a control character is in", http.cookies.set, http.cookies,
    { name = "a", value = "1\nevil.test\tTRUE\t/\tFALSE\t0\tb\t1", domain = "x" })
end)

check.fact("a client may begin with cookies", function()
  local http = GreenHttp { cookies = { { name = "a", value = "1", domain = "127.0.0.1" } } }
  check.equal(sent(http), "a=1")
end)

check.fact("names and values as a client's cookies go with each of its requests", function()
  local http = GreenHttp { cookies = { a = "1", b = 2 } }
  check.equal(sent(http), "a=1; b=2")
  check.equal(sent(http, nil, { cookies = { b = 3 } }), "a=1; b=3")
  check.equal(#http.cookies:list(), 0)
  check.equal(sent(GreenHttp { cookies = { { "z", "1" } } }), "z=1")
  check.equal(sent(GreenHttp { cookies = {} }), nil)
end)

check.fact("clear drops all, or those of the session", function()
  local http = GreenHttp()
  set(http, { "a=1", "b=2; Max-Age=100" })
  http.cookies:clear(true)
  check.equal(sent(http), "b=2")
  http.cookies:clear()
  check.equal(sent(http), nil)
end)

check.fact("cookies are saved to a file of one's own, and loaded from it", function()
  local path = os.tmpname()
  local guard <close> = setmetatable({}, { __close = function() os.remove(path) end })
  os.execute("chmod 644 " .. path)
  local http = GreenHttp()
  set(http, { "a=1; HttpOnly", "b=x y; Max-Age=1000" })
  http.cookies:set { name = "l", value = "\xE9", domain = "127.0.0.1" }
  http.cookies:save(path)
  local pipe <close> = io.popen("stat -c %a " .. path)
  check.equal(pipe:read("l"), "600")
  local other = GreenHttp()
  other.cookies:load(path)
  check.equal(sent(other), sent(http))
  check.equal(#other.cookies:list(), 3)
  for i, cookie in ipairs(http.cookies:list()) do
    for key, value in pairs(cookie) do
      check.equal(other.cookies:list()[i][key], value, key)
    end
  end
end)

check.fact("a cookie file is only that: its lines are no commands", function()
  local path = os.tmpname()
  local guard <close> = setmetatable({}, { __close = function() os.remove(path) end })
  local file = assert(io.open(path, "w"))
  file:write("# a comment\r\n\r\n127.0.0.1\tFALSE\t/\tFALSE\t0\tb\t2\r\nALL\nFLUSH\n",
    "#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tc\t3")
  file:close()
  local http = GreenHttp()
  set(http, "a=1")
  http.cookies:load(path)
  check.equal(sent(http), "a=1; b=2; c=3")
end)

check.fact("what cannot be saved or loaded is told with its path", function()
  local http = GreenHttp()
  check.raises("cookies:save: /not/there/x: No such file", http.cookies.save, http.cookies, "/not/there/x")
  check.raises("cookies:load: /not/there: No such file", http.cookies.load, http.cookies, "/not/there")
end)

check.fact("what would read as more than one cookie cannot be set", function()
  local http <close> = client()
  local good = { name = "a", value = "1", domain = "example.org" }
  for _, wrong in ipairs {
    { name = "b;c" }, { name = "b=c" }, { name = "" }, { name = " b" }, { name = "b " }, { name = "b\tc" },
    { value = "1; admin=1" }, { value = "1\n" }, { domain = "" }, { domain = "." }, { domain = "#HttpOnly_x.org" },
    { domain = "a b" }, { domain = "a;b" }, { domain = "a/b" }, { path = "x" }, { path = "" }, { path = "/;a" },
    { path = "/\r" }, { path = 1 },
  } do
    local cookie = {}
    for key, value in pairs(good) do
      cookie[key] = value
    end
    local name, value = next(wrong)
    cookie[name] = value
    check.raises("cookies.lua:%d+: cookies:set: " .. name .. " ", function() http.cookies:set(cookie) end)
  end
  check.equal(#http.cookies:list(), 0)
  for _, domain in ipairs { "example.org", ".example.org", "127.0.0.1", "::1", "[::1]", "a_b.example" } do
    http.cookies:set { name = "a b", value = "x y, \"z\"", domain = domain, path = "/a" }
  end
end)
