-- Whom to trust, and who to be.
local check = require "support.check"
local green = require "green"

local http = GreenHttp { timeout = 20 }
local trusting = GreenHttp { timeout = 20, verify = servers.CA }
local page = "/small.txt"

local function refused(url, options, kind)
  local e = check.raises("", http.get, http, url, options)
  check.equal(e.kind, kind or "tls", e.message)
  return e.message
end

check.fact("an unknown authority is refused, and the message says what to do", function()
  local message = refused(servers.HTTPS .. page)
  check.truthy(message:find("certificate", 1, true), message)
  check.truthy(message:find("verify = ", 1, true), message)
end)

check.fact("with its authority's file a server is trusted", function()
  check.equal(trusting:get(servers.HTTPS .. page):text(), "small\n")
  check.equal(http:get(servers.HTTPS .. page, { verify = servers.CA }):text(), "small\n")
  refused(servers.HTTPS .. page)
end)

check.fact("a folder of authorities will do", function()
  local folder = os.tmpname()
  os.remove(folder)
  local guard <close> = setmetatable({}, { __close = function() os.execute("rm -r " .. folder) end })
  local command = ("mkdir %s && cp %s %s/ca.pem && openssl rehash %s"):format(folder, servers.CA, folder, folder)
  check.truthy(os.execute(command))
  check.equal(http:get(servers.HTTPS .. page, { verify = folder }):text(), "small\n")
  refused(servers.HTTPS .. page)
end)

check.fact("a certificate for another host is refused", function()
  local message = refused(servers.WRONG_HOST .. page, { verify = servers.CA })
  check.truthy(message:find("localhost", 1, true), message)
end)

check.fact("an expired certificate is refused", function()
  check.truthy(refused(servers.EXPIRED .. page, { verify = servers.CA }):find("expired", 1, true))
end)

check.fact("verify = false trusts anybody, for a request or a client", function()
  for _, server in ipairs { "HTTPS", "WRONG_HOST", "EXPIRED" } do
    check.equal(http:get(servers[server] .. page, { verify = false }):text(), "small\n", server)
  end
  check.equal(GreenHttp({ verify = false }):get(servers.EXPIRED .. page):text(), "small\n")
end)

check.fact("a connection that was not verified serves nobody who wants that", function()
  local own = GreenHttp()
  own:get(servers.HTTPS .. page, { verify = false })
  check.raises("certificate", own.get, own, servers.HTTPS .. page)
  check.equal(own:get(servers.HTTPS .. page, { verify = false }).reused, true)
end)

check.fact("a file that is no authority's is told", function()
  local message = refused(servers.HTTPS .. page, { verify = "/not/there" })
  check.truthy(message:find("/not/there", 1, true), message)
end)

check.fact("a client certificate is shown where it is asked for", function()
  local own = { verify = servers.CA, cert = servers.CERT, key = servers.KEY }
  local r = http:get(servers.MTLS .. "/seen", own)
  check.truthy(r:text():find("greenhouse-client", 1, true))
  check.equal(trusting:get(servers.MTLS .. "/seen").status_code, 400)
  own.key = servers.CA
  own.timeout = 10
  local e = check.raises("key", http.get, GreenHttp(), servers.MTLS .. "/seen", own)
  check.equal(e.kind, "tls")
end)

check.fact("a pinned key must be the server's", function()
  check.equal(trusting:get(servers.HTTPS .. page, { pinned_key = servers.PIN }):text(), "small\n")
  local wrong = "sha256//" .. ("A"):rep(43) .. "="
  check.equal(trusting:get(servers.HTTPS .. page, { pinned_key = wrong .. ";" .. servers.PIN }):text(), "small\n")
  local message = refused(servers.HTTPS .. page, { verify = servers.CA, pinned_key = wrong })
  check.truthy(message:find("pinned", 1, true), message)
  refused(servers.HTTPS .. page, { verify = false, pinned_key = wrong })
end)

check.fact("the oldest version of TLS can be named", function()
  check.truthy(trusting:get(servers.HTTPS .. "/seen", { min_tls = "1.3" }):text():find("TLSv1.3", 1, true))
  check.truthy(trusting:get(servers.HTTPS .. "/seen", { min_tls = "1.2" }):text():find("TLSv1", 1, true))
end)

check.fact("HTTP/2 is spoken where the server offers it", function()
  check.equal(trusting:get(servers.HTTPS .. page).http_version, "2")
  check.equal(trusting:get(servers.HTTPS1 .. page).http_version, "1.1")
  check.equal(trusting:get(servers.HTTP .. page).http_version, "1.1")
end)

check.fact("http_version chooses, whichever connections are open already", function()
  check.equal(trusting:get(servers.HTTPS .. page).http_version, "2")
  check.equal(trusting:get(servers.HTTPS .. page, { http_version = "1.1" }).http_version, "1.1")
  check.equal(trusting:get(servers.HTTPS .. page, { http_version = "2" }).http_version, "2")
  check.equal(trusting:get(servers.HTTPS .. page).http_version, "2")
  check.equal(trusting:get(servers.HTTPS1 .. page, { http_version = "auto" }).http_version, "1.1")
  check.equal(trusting:get(servers.HTTP .. page, { http_version = "1.0" }).ok, true)
end)

check.fact("HTTP/2 has no reason, and fields in lower case", function()
  local r = trusting:get(servers.HTTPS .. page)
  check.equal(r.reason, "")
  check.equal(r.status, "200")
  check.truthy(r.headers["Content-Type"]:find("^text/plain"))
end)

check.fact("many greens share one connection of HTTP/2", function()
  local own = GreenHttp { verify = servers.CA }
  local futures, opened = {}, 0
  for i = 1, 50 do
    futures[i] = green.spawn(own.get, own, servers.HTTPS .. page)
  end
  for _, future in ipairs(futures) do
    local r = wait(future)
    check.equal(r:text(), "small\n")
    check.equal(r.http_version, "2")
    opened = opened + (r.reused and 0 or 1)
  end
  check.equal(opened, 1)
end)

check.fact("bodies are sent and redirects followed over HTTP/2", function()
  local text = ("x"):rep(300000)
  local r = trusting:post(servers.HTTPBIN_TLS .. "/post", { data = text, content_type = "text/plain" })
  check.equal(r.http_version, "2")
  check.equal(r:json().data, text)
  local n = 0
  r = trusting:post(servers.HTTPBIN_TLS .. "/post", { data = function() n = n + 1 return n <= 3 and "abc" or nil end })
  check.equal(r:json().data, "abcabcabc")
  r = trusting:get(servers.HTTPS .. "/redirect/3")
  check.equal(r.http_version, "2")
  check.equal(#r.history, 3)
end)
