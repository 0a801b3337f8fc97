-- Ways through proxies.
local check = require "support.check"

local http = GreenHttp { timeout = 20, verify = servers.CA, trust_env = false }
local small, secure = servers.HTTP .. "/small.txt", servers.HTTPS .. "/small.txt"

local function with_user(proxy, user)
  return (proxy:gsub("//", "//" .. user .. "@", 1))
end

local function lines_of(name)
  local count = 0
  for _ in io.lines(servers.LOGS .. "/" .. name) do
    count = count + 1
  end
  return count
end

check.fact("http goes through an HTTP proxy", function()
  local r = http:get(small, { proxy = servers.PROXY })
  check.equal(r:text(), "small\n")
  check.truthy(r.headers.via:find("greenhouse-proxy", 1, true))
  check.equal(http:get(small).headers.via, nil)
end)

check.fact("https goes through a tunnel, and is verified at its end", function()
  local before = lines_of("proxy.log")
  local r = http:get(secure, { proxy = servers.PROXY })
  check.equal(r:text(), "small\n")
  check.equal(r.headers.via, nil)
  check.truthy(lines_of("proxy.log") > before)
  check.equal(r.reason ~= "Connection established", true)
  local e = check.raises("certificate", http.get, http, servers.WRONG_HOST .. "/small.txt", { proxy = servers.PROXY })
  check.equal(e.kind, "tls")
end)

check.fact("a proxy may want a password", function()
  local proxy = with_user(servers.PROXY_AUTH, "green:house")
  local r = http:get(small, { proxy = proxy })
  check.equal(r.status_code, 200)
  check.equal(r:text(), "small\n")
  check.truthy(r.headers.via:find("greenhouse-proxy-auth", 1, true))
  check.equal(http:get(small, { proxy = proxy, stream = true }).status_code, 200)
  check.equal(http:get(secure, { proxy = proxy }):text(), "small\n")
end)

check.fact("without it the proxy answers 407", function()
  check.equal(http:get(small, { proxy = servers.PROXY_AUTH }).status_code, 407)
  check.equal(http:get(small, { proxy = with_user(servers.PROXY_AUTH, "green:wrong") }).status_code // 100, 4)
  local e = check.raises("407", http.get, http, secure, { proxy = servers.PROXY_AUTH })
  check.equal(e.kind, "proxy")
end)

check.fact("the server does not see the proxy's password", function()
  local r = http:get("http://" .. servers.RAW .. "/echo", { proxy = with_user(servers.PROXY_AUTH, "green:house") })
  check.equal(r:text():lower():find("proxy-authorization", 1, true), nil)
end)

check.fact("SOCKS, with and without a password", function()
  local before = lines_of("socks.log")
  check.equal(http:get(small, { proxy = servers.SOCKS }):text(), "small\n")
  check.equal(http:get(secure, { proxy = servers.SOCKS }):text(), "small\n")
  check.truthy(lines_of("socks.log") > before)
  check.equal(http:get(small, { proxy = with_user(servers.SOCKS_AUTH, "green:house") }):text(), "small\n")
  local e = check.raises("", http.get, http, small, { proxy = with_user(servers.SOCKS_AUTH, "green:wrong") })
  check.equal(e.kind, "proxy")
  check.equal(e.message:find("wrong", 1, true), nil)
  e = check.raises("", http.get, http, small, { proxy = servers.SOCKS_AUTH })
  check.equal(e.kind, "proxy")
end)

check.fact("a proxy for the client, and none for a request", function()
  local own = GreenHttp { proxy = servers.PROXY }
  check.truthy(own:get(small).headers.via)
  check.equal(own:get(small, { proxy = false }).headers.via, nil)
  check.truthy(own:get(small).headers.via)
end)

check.fact("http and https may have proxies of their own", function()
  local none = "http://127.0.0.1:1"
  local own = GreenHttp { verify = servers.CA, trust_env = false }
  local function way(url, proxy)
    local before = lines_of("socks.log")
    local ok, r = pcall(own.get, own, url, { proxy = proxy })
    return not ok and r.kind or r.headers.via and "http" or lines_of("socks.log") > before and "socks" or "straight"
  end
  check.equal(way(small, { http = servers.PROXY, https = none }), "http")
  check.equal(way(secure, { http = servers.PROXY, https = none }), "connect")
  check.equal(way(secure, { http = servers.PROXY, https = servers.SOCKS }), "socks")
  check.equal(way(secure, { http = none }), "straight")
  check.equal(way(small, { http = false, https = none }), "straight")
  check.equal(way(servers.HTTP .. "/to-https", { http = servers.PROXY, https = none }), "connect")
  local both = GreenHttp { verify = servers.CA, proxy = { http = servers.PROXY, https = none } }
  check.truthy(both:get(small).headers.via)
  check.equal(check.raises("", both.get, both, secure).kind, "connect")
  check.truthy(both:get(small).headers.via)
  check.equal(both:get(secure, { proxy = servers.PROXY }).ok, true)
end)

check.fact("no_proxy names what is reached without", function()
  local own = GreenHttp { proxy = servers.PROXY, no_proxy = "example.org,127.0.0.1" }
  check.equal(own:get(small).headers.via, nil)
  check.truthy(own:get(servers.OTHER .. "/small.txt").headers.via)
  check.truthy(own:get(small, { no_proxy = "" }).headers.via)
  check.equal(own:get(servers.OTHER .. "/small.txt", { no_proxy = "*" }).headers.via, nil)
end)

check.fact("a proxy that is not there is told", function()
  local e = check.raises("127.0.0.1 port 1", http.get, http, small, { proxy = "http://user:secret@127.0.0.1:1" })
  check.equal(e.message:find("secret", 1, true), nil)
  check.equal(e.kind, "connect")
end)

check.fact("redirects go through the proxy too", function()
  local r = http:get(servers.HTTP .. "/redirect/2", { proxy = servers.PROXY })
  check.equal(#r.history, 2)
  for _, response in ipairs { r, r.history[1], r.history[2] } do
    check.truthy(response.headers.via)
  end
end)

check.fact("what is no proxy is refused, without its password", function()
  for _, proxy in ipairs {
    "ftp://user:secret@host", "http://user:secret@host/path", "http://user:secret@ho st", "file:///secret",
    "http://user:secret@127.0.0.1:99999", "user:secret@host:port", "user:secret://host", "http://user:secret@[host",
    "socks9://secret", "http://user:secret@host\r\nX: y", 5, { http = "ftp://secret" }, { ftp = "http://secret" },
  } do
    local e = check.raises("option 'proxy", http.get, http, small, { proxy = proxy })
    check.equal(e.kind, "invalid")
    check.equal(e.message:find("secret", 1, true), nil)
  end
end)
