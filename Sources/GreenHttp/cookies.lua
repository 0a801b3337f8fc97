-- The cookie jar of a client, as scripts see it.
local _, native, parts = ...
local fault, scalar = native.fault, parts.request.scalar

local methods = {}
-- Not its own __index: scripts could read that, and change it for all.
local Cookies = { __name = "GreenHttp.cookies", __metatable = "GreenHttp.cookies", __index = methods }

local function cookie_of(line)
  local domain, subdomains, path, secure, expires, name, value =
    line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t?(.*)$")
  local http_only = domain:match("^#HttpOnly_(.*)$")
  return {
    name = name, value = value, domain = (http_only or domain):gsub("^%.", ""), path = path,
    subdomains = subdomains == "TRUE", secure = secure == "TRUE", http_only = http_only ~= nil,
    expires = tonumber(expires) ~= 0 and tonumber(expires) or nil,
  }
end

--- All cookies, as tables: name, value, domain, path, secure, http_only, subdomains, expires (nil: with the session).
function methods:list()
  local list = {}
  for i, line in ipairs(native.cookie_lines(self.core)) do
    list[i] = cookie_of(line)
  end
  return list
end

--- The value of a cookie; nil without one. domain: of which host, where several have one of that name.
function methods:get(name, domain)
  for _, cookie in ipairs(self:list()) do
    if cookie.name == name and (not domain or cookie.domain == domain) then
      return cookie.value
    end
  end
end

-- As a cookie file has it: 0 stands for the end of the session, so what has expired has done so at 1.
local function expiry_of(cookie)
  local seconds = cookie.expires
  if seconds == nil then
    return "0"
  elseif type(seconds) ~= "number" then
    fault("cookies:set: expires: number of seconds since 1970 expected, got " .. type(seconds))
  end
  return ("%d"):format(math.min(math.max(1, seconds), 253402300799) // 1)
end

-- A field of what is set; raises for what would end it, or make another cookie of it (RFC 6265 section 4.1.1).
local function check(field, text, is_good, expected)
  if type(text) ~= "string" then
    fault(("cookies:set: %s %s expected, got %s"):format(field, expected, type(text)))
  elseif text:find("%c") then
    fault(("cookies:set: %s '%s': a control character is in it"):format(field, (text:gsub("%c", "?"))))
  elseif not is_good then
    fault(("cookies:set: %s '%s': %s expected"):format(field, text, expected))
  end
end

local function is_host(text)
  return text:find("^%.?[%w_\128-\255-][%w_.\128-\255-]*$") or text:find("^%[?%x*:[%x:.]*%]?$")
end

--- Adds a cookie: a table as `list` gives, with name, value and domain at least.
function methods:set(cookie)
  if type(cookie) ~= "table" or type(cookie.name) ~= "string" or type(cookie.domain) ~= "string" then
    fault("cookies:set: a table with name, value and domain expected")
  end
  local name, domain, path = cookie.name, cookie.domain, cookie.path == nil and "/" or cookie.path
  local value = scalar(cookie.value or "", "cookies:set: value")
  check("name", name, name:find("^[^%s=;]") and not name:find("[=;]") and not name:find("%s$"),
    "text without '=', ';' and blanks around it")
  check("value", value, not value:find(";", 1, true), "text without ';'")
  check("domain", domain, is_host(domain), "name or address of a host")
  check("path", path, type(path) == "string" and path:find("^/[^;]*$"), "path that begins with '/', without ';',")
  local fields = {
    (cookie.http_only and "#HttpOnly_" or "") .. (cookie.subdomains and "." or "") .. domain,
    cookie.subdomains and "TRUE" or "FALSE", path, cookie.secure and "TRUE" or "FALSE", expiry_of(cookie), name, value,
  }
  native.add_cookie(self.core, table.concat(fields, "\t"))
end

--- Drops all; or, with true, those that end with the session.
function methods:clear(only_session)
  native.clear_cookies(self.core, only_session)
end

--- Writes all to a Netscape cookie file, which only its owner may read.
function methods:save(path)
  local saved, problem = native.keep_cookies(self.core, path, false)
  if not saved then
    fault("cookies:save: " .. problem)
  end
end

--- Adds those of a Netscape cookie file.
function methods:load(path)
  local loaded, problem = native.keep_cookies(self.core, path, true)
  if not loaded then
    fault("cookies:load: " .. problem)
  end
end

parts.faults.want_colons(methods, Cookies, "http.cookies", { get = "name", set = "cookie", save = "path", load = "path" })

return Cookies
