-- Telling a server who is asking.
local check = require "support.check"
local echo_of = require "support.echo"

local raw, httpbin = "http://" .. servers.RAW, servers.HTTPBIN
local http = GreenHttp { timeout = 20, verify = servers.CA }

local function authorization(options, url)
  return echo_of(http:get(url or raw .. "/echo", options)).headers.authorization
end

local function temporary(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path, setmetatable({}, { __close = function() os.remove(path) end })
end

check.fact("basic", function()
  local r = http:get(httpbin .. "/basic-auth/user/pass%20word", { auth = { "user", "pass word" } })
  check.equal(r.status_code, 200)
  check.equal(r:json().user, "user")
  check.equal(authorization { auth = { user = "u", password = "" } }, "Basic dTo=")
  check.equal(authorization { auth = { user = "ü", password = "ö" } }, "Basic w7w6w7Y=")
end)

check.fact("a wrong password is a 401", function()
  local r = http:get(httpbin .. "/basic-auth/user/right", { auth = { "user", "wrong" } })
  check.equal(r.status_code, 401)
  check.equal(r.ok, false)
  local e = check.raises("401", r.raise_for_status, r)
  check.equal(e.kind, "status")
  check.equal(e.response.status_code, 401)
end)

check.fact("digest, by MD5 and SHA-256", function()
  for _, algorithm in ipairs { "MD5", "SHA-256" } do
    local url = ("%s/digest-auth/auth/user/secret/%s"):format(httpbin, algorithm)
    local r = http:get(url, { auth = { "user", "secret", type = "digest" } })
    check.equal(r.status_code, 200, algorithm)
    check.equal(r:json().authenticated, true)
    r = http:get(url, { auth = { "user", "wrong", type = "digest" } })
    check.equal(r.status_code, 401, algorithm)
  end
end)

check.fact("digest streams and redirects as others do", function()
  local own = GreenHttp { auth = { "user", "secret", type = "digest" } }
  local url = httpbin .. "/digest-auth/auth/user/secret/MD5"
  local r = own:get(url, { stream = true })
  check.equal(r.status_code, 200)
  check.truthy(r.content:find("authenticated", 1, true))
  check.equal(own:get(httpbin .. "/redirect-to", { params = { url = url } }).status_code, 200)
end)

check.fact("bearer", function()
  check.equal(http:get(httpbin .. "/bearer", { auth = { bearer = "t0ken" } }):json().token, "t0ken")
  check.equal(http:get(httpbin .. "/bearer").status_code, 401)
end)

check.fact("user and password may be in the URL, and are not told again", function()
  local host = raw:match("//(.*)")
  local r = http:get("http://us%40er:pa%3Ass@" .. host .. "/echo")
  check.equal(echo_of(r).headers.authorization, "Basic dXNAZXI6cGE6c3M=")
  check.equal(r.url, raw .. "/echo")
  check.equal(authorization(nil, "http://user@" .. host .. "/echo"), "Basic dXNlcjo=")
  local e = check.raises("Failed to connect", http.get, http, "http://user:secret@127.0.0.1:1/")
  check.equal(e.message:find("secret", 1, true), nil)
  check.equal(e.message:find("user", 1, true), nil)
  for _, url in ipairs { "http:/u:secret@x/", "http:///u:secret@x/", "u:secret@x/", "ftp://u:secret@x/",
    "http://u:secret@x:99999/", "http://u:secret@/" } do
    e = check.raises("URL", http.get, http, url)
    check.equal(e.message:find("secret", 1, true), nil, url)
  end
end)

check.fact("a request's auth counts more than the URL's, that more than the client's", function()
  local own = GreenHttp { auth = { "client", "" } }
  local function of(options, url)
    return echo_of(own:get(url or raw .. "/echo", options)).headers.authorization
  end
  local with_user = raw:gsub("//", "//url@") .. "/echo"
  check.equal(of(), "Basic Y2xpZW50Og==")
  check.equal(of(nil, with_user), "Basic dXJsOg==")
  check.equal(of({ auth = { "own", "" } }, with_user), "Basic b3duOg==")
  check.equal(of { auth = false }, nil)
  check.equal(of(), "Basic Y2xpZW50Og==")
end)

check.fact("an Authorization header of one's own is sent as it is", function()
  check.equal(authorization { headers = { Authorization = "Custom x" } }, "Custom x")
end)

check.fact("netrc gives each host its own", function()
  local path, guard = temporary(
    "machine 127.0.0.1 login user password secret\nmachine localhost login other password x\n")
  local _ <close> = guard
  check.equal(authorization { auth = { netrc = path } }, "Basic dXNlcjpzZWNyZXQ=")
  local localhost = raw:gsub("127.0.0.1", "localhost") .. "/echo"
  check.equal(authorization({ auth = { netrc = path } }, localhost), "Basic b3RoZXI6eA==")
  local unknown, other_guard = temporary("machine example.org login user password secret\n")
  local _ <close> = other_guard
  check.equal(authorization { auth = { netrc = unknown } }, nil)
end)

check.fact("credentials do not follow to another host", function()
  local url = raw .. "/redirect?to=" .. servers.HTTP:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end)
    .. "/raw/echo"
  local path, guard = temporary("default login user password secret\n")
  local _ <close> = guard
  for i, auth in ipairs { { "user", "secret" }, { bearer = "token" }, { netrc = path },
    { "user", "secret", type = "digest" } } do
    check.equal(authorization({ auth = auth }, url), nil, "way " .. i)
  end
end)

check.fact("one request's credentials are not another's, also on a kept connection", function()
  check.equal(authorization { auth = { "a", "b" } }, "Basic YTpi")
  check.equal(authorization(), nil)
  check.equal(authorization { auth = { bearer = "x" } }, "Bearer x")
  check.equal(authorization(), nil)
end)

check.fact("what would break into the header is refused", function()
  for _, auth in ipairs {
    { bearer = "a\r\nX: y" }, { bearer = "" }, { bearer = "a b" }, { "u\r\nX: y", "p" }, { "u", "p\n" }, { "a:b", "c" },
    { "u\nX: y", "p", type = "digest" },
  } do
    check.equal(check.raises("option 'auth'", http.get, http, raw .. "/echo", { auth = auth }).kind, "invalid")
    check.raises("option 'auth'", GreenHttp, { auth = auth })
  end
end)

check.fact("user and password of base_url are for its origin alone", function()
  local own <close> = GreenHttp { base_url = "http://us%65r:pass@" .. servers.RAW .. "/", verify = servers.CA }
  local other = "http://localhost:" .. servers.RAW:match "%d+$" .. "/echo"
  local function asked(url, options)
    return echo_of(own:get(url, options)).headers.authorization
  end
  for _, url in ipairs { "/echo", "echo", raw .. "/echo", "//" .. servers.RAW .. "/echo" } do
    check.equal(asked(url), "Basic dXNlcjpwYXNz", url)
  end
  for _, url in ipairs { other, other:sub(6) } do
    check.equal(asked(url), nil, url)
  end
  check.equal(own:get(servers.HTTPS .. "/seen").content:find("Basic", 1, true), nil)
  check.equal(asked((other:gsub("//", "//a:b@"))), "Basic YTpi")
  check.equal(asked("/echo", { auth = false }), nil)
  check.equal(asked("/echo", { auth = { bearer = "t" } }), "Bearer t")
  check.equal(asked("/echo", { timeout = 5 }), "Basic dXNlcjpwYXNz")
  check.equal(asked(raw:gsub("//", "//a:b@") .. "/echo"), "Basic YTpi")
end)

check.fact("the client's auth counts more than the user of base_url, and goes to every origin", function()
  local own <close> = GreenHttp { base_url = "http://user:pass@" .. servers.RAW .. "/", auth = { "a", "b" } }
  check.equal(echo_of(own:get("/echo")).headers.authorization, "Basic YTpi")
end)
