-- GreenHttp: reads what scripts ask for, and makes requests of it.
local green, native, response = ...
local raise = response.raise

local Client = { __name = "GreenHttp" }
local methods = {}

---------------------------------------------------------------------------------------------------------------------
-- From tables to flat lists of names and values.

local function scalar(value, what)
  local kind = type(value)
  if kind == "string" then
    return value
  elseif kind == "number" or kind == "boolean" then
    return tostring(value)
  end
  error(("%s: string, number or boolean expected, got %s"):format(what, kind), 0)
end

-- Names in order, so that the same table gives the same request.
local function sorted_names(table_, what)
  local names = {}
  for name in pairs(table_) do
    if type(name) ~= "string" then
      error(("%s: names or a list of pairs {name, value} expected, got the key %s"):format(what, tostring(name)), 0)
    end
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function append(list, name, value, what)
  if type(value) == "table" then
    for _, item in ipairs(value) do
      append(list, name, item, what)
    end
  else
    list[#list + 1] = name
    list[#list + 1] = scalar(value, what .. " '" .. name .. "'")
  end
end

-- {name = value or list of values}, or a list of pairs.
local function flat(pairs_, what)
  if type(pairs_) ~= "table" then
    error(("%s: table expected, got %s"):format(what, type(pairs_)), 0)
  end
  local list = {}
  if pairs_[1] ~= nil then
    for i, pair in ipairs(pairs_) do
      if type(pair) ~= "table" or pair[1] == nil or pair[2] == nil then
        error(("%s[%d]: a pair {name, value} expected"):format(what, i), 0)
      end
      append(list, scalar(pair[1], what), pair[2], what)
    end
  else
    for _, name in ipairs(sorted_names(pairs_, what)) do
      append(list, name, pairs_[name], what)
    end
  end
  return list
end

-- The same, where false takes a header out.
local function flat_headers(headers, what)
  if type(headers) ~= "table" then
    error(("%s: table expected, got %s"):format(what, type(headers)), 0)
  end
  local list = {}
  if headers[1] ~= nil then
    return flat(headers, what)
  end
  for _, name in ipairs(sorted_names(headers, what)) do
    if headers[name] == false then
      list[#list + 1] = name
      list[#list + 1] = false
    else
      append(list, name, headers[name], what)
    end
  end
  return list
end

local function has_header(list, name)
  for i = 1, #(list or ""), 2 do
    if list[i]:lower() == name then
      return true
    end
  end
  return false
end

local function cookie_text(cookies)
  local parts = {}
  local list = flat(cookies, "cookies")
  for i = 1, #list, 2 do
    if list[i]:find("[%s=;,]") or list[i + 1]:find("[;%c]") then
      error(("cookies: '%s' cannot be sent: ';' or a control character is in it"):format(list[i]), 0)
    end
    parts[#parts + 1] = list[i] .. "=" .. list[i + 1]
  end
  return table.concat(parts, "; ")
end

---------------------------------------------------------------------------------------------------------------------
-- Bodies.

-- A part for `native.send`: name, content or false, path or false, filename, type.
local function part_of(name, file)
  if type(file) == "string" then
    return { name, file, false, name }
  elseif type(file) ~= "table" then
    error(("files '%s': string, or table with content or path, expected, got %s"):format(name, type(file)), 0)
  end
  local path, content = file.path, file.content
  if (path == nil) == (content == nil) then
    error(("files '%s': either content or path expected"):format(name), 0)
  end
  local filename = file.filename or (path and path:match("[^/]+$")) or name
  return { name, content or false, path or false, filename, file.type }
end

local function parts_of(files, data)
  local parts = {}
  if data then
    if type(data) ~= "table" then
      error("data beside files: a table of fields expected, got " .. type(data), 0)
    end
    local fields = flat(data, "data")
    for i = 1, #fields, 2 do
      parts[#parts + 1] = { fields[i], fields[i + 1], false }
    end
  end
  if type(files) ~= "table" then
    error("files: table expected, got " .. type(files), 0)
  end
  if files[1] ~= nil then
    for i, file in ipairs(files) do
      if type(file) ~= "table" or type(file.name) ~= "string" then
        error(("files[%d]: a table with a name expected"):format(i), 0)
      end
      parts[#parts + 1] = part_of(file.name, file)
    end
  else
    for _, name in ipairs(sorted_names(files, "files")) do
      parts[#parts + 1] = part_of(name, files[name])
    end
  end
  return parts
end

-- The body, and the content type that goes with it.
local function body_of(options)
  local data, json, files = options.data, options.json, options.files
  if json ~= nil then
    if data ~= nil or files ~= nil then
      error("json: give no data or files beside it", 0)
    end
    local text, problem = response.cjson().encode(json)
    if not text then
      error("json: " .. problem, 0)
    end
    return text, "application/json"
  elseif files ~= nil then
    return parts_of(files, data)
  elseif type(data) == "table" then
    local metatable = getmetatable(data)
    if type(metatable) == "table" and metatable.__call then
      return function()
        return data()
      end
    end
    return native.form(flat(data, "data")), "application/x-www-form-urlencoded"
  elseif type(data) == "number" then
    return tostring(data)
  elseif data == nil or type(data) == "string" or type(data) == "function" then
    return data
  end
  error("data: string, table or function expected, got " .. type(data), 0)
end

---------------------------------------------------------------------------------------------------------------------
-- Requests.

local function call_hook(hooks, name, ...)
  local hook = hooks and hooks[name]
  if hook then
    return hook(...)
  end
end

local function perform(self, method, url, options, hooks, own_hooks)
  local query, headers, body, content_type, cookies
  local params = options.params
  if type(params) == "string" then
    url = url .. (url:find("?", 1, true) and "&" or "?") .. params
    params = nil
  end
  query = params and flat(params, "params")
  if self.params then
    query = table.move(query or {}, 1, query and #query or 0, #self.params + 1, { table.unpack(self.params) })
  end
  body, content_type = body_of(options)
  headers = options.headers and flat_headers(options.headers, "headers")
  content_type = options.content_type or content_type
  if content_type and not has_header(headers, "content-type") then
    headers = headers or {}
    headers[#headers + 1] = "Content-Type"
    headers[#headers + 1] = content_type
  end
  cookies = options.cookies and cookie_text(options.cookies)
  local stream = options.stream or false
  if not stream and (hooks and hooks.on_headers or own_hooks and own_hooks.on_headers) then
    stream = "collected"
  end
  local raw, status, content = self.send(self.core, method, url, query, headers, body, options, stream, cookies)
  if not raw then
    raise(status, content)
  end
  return response.new(raw, status, content)
end

-- A script's mistake is told where the script made it.
local function located(problem)
  if type(problem) == "string" then
    error(problem, 4)
  end
  error(problem, 0)
end

local function request(self, method, url, options)
  if options == nil then
    if not self.hooks and not self.params then
      local raw, status, content = self.send(self.core, method, url)
      if not raw then
        raise(status, content)
      end
      return response.new(raw, status, content)
    end
    options = {}
  elseif type(options) ~= "table" then
    error("options: table expected, got " .. type(options), 3)
  end
  local hooks, own_hooks = self.hooks, options.hooks
  if hooks or own_hooks then
    local asked = { method = method, url = url, options = options }
    call_hook(hooks, "before_request", asked)
    call_hook(own_hooks, "before_request", asked)
    method, url, options = asked.method, asked.url, asked.options
  end
  local result = perform(self, method, url, options, hooks, own_hooks)
  if hooks or own_hooks then
    call_hook(hooks, "on_headers", result)
    call_hook(own_hooks, "on_headers", result)
    if not options.stream then
      local _ = result.content -- collects it
    end
    call_hook(hooks, "after_response", result)
    call_hook(own_hooks, "after_response", result)
  end
  return result
end

--- Makes a request; parks this green until the response is there. Raises an HttpError when there is none.
function methods:request(method, url, options)
  return request(self, type(method) == "string" and method:upper() or method, url, options)
end

for _, method in ipairs { "get", "options", "post", "put", "patch", "delete" } do
  local name = method:upper()
  methods[method] = function(self, url, options)
    return request(self, name, url, options)
  end
end

-- Asks what a resource is like: a redirect is an answer to that.
function methods:head(url, options)
  local copy = {}
  for name, value in pairs(options or {}) do
    copy[name] = value
  end
  if copy.max_redirects == nil and copy.allow_redirects ~= true then
    copy.max_redirects = 0
  end
  return request(self, "HEAD", url, copy)
end

--- No new requests; the connections close once those under way have ended.
function methods:close()
  native.close_client(self.core)
end

--- Figures: in_flight, waiting (for a connection), completed.
function methods:info()
  return native.client_info(self.core)
end

Client.__index = methods
Client.__close = methods.close

function Client.__tostring()
  return "GreenHttp"
end

---------------------------------------------------------------------------------------------------------------------
-- The cookie jar.

local Cookies = { __name = "GreenHttp.cookies" }
Cookies.__index = Cookies

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
function Cookies:list()
  local list = {}
  for i, line in ipairs(native.cookie_lines(self.core)) do
    list[i] = cookie_of(line)
  end
  return list
end

--- The value of a cookie; nil without one. domain: of which host, where several have one of that name.
function Cookies:get(name, domain)
  for _, cookie in ipairs(self:list()) do
    if cookie.name == name and (not domain or cookie.domain == domain) then
      return cookie.value
    end
  end
end

--- Adds a cookie: a table as `list` gives, with name, value and domain at least.
function Cookies:set(cookie)
  if type(cookie) ~= "table" or type(cookie.name) ~= "string" or type(cookie.domain) ~= "string" then
    error("cookies:set: a table with name, value and domain expected", 2)
  end
  local fields = {
    (cookie.http_only and "#HttpOnly_" or "") .. (cookie.subdomains and "." or "") .. cookie.domain,
    cookie.subdomains and "TRUE" or "FALSE", cookie.path or "/", cookie.secure and "TRUE" or "FALSE",
    ("%d"):format(cookie.expires or 0), cookie.name, scalar(cookie.value or "", "cookies:set: value"),
  }
  for _, field in ipairs(fields) do
    if field:find("%c") then
      error("cookies:set: a control character is in '" .. field:gsub("%c", "?") .. "'", 2)
    end
  end
  native.add_cookie(self.core, table.concat(fields, "\t"))
end

--- Drops all; or, with true, those that end with the session.
function Cookies:clear(only_session)
  native.clear_cookies(self.core, only_session)
end

--- Writes all to a Netscape cookie file, which only its owner may read.
function Cookies:save(path)
  local saved, problem = native.keep_cookies(self.core, path, false)
  if not saved then
    error("cookies:save: " .. problem, 2)
  end
end

--- Adds those of a Netscape cookie file.
function Cookies:load(path)
  local loaded, problem = native.keep_cookies(self.core, path, true)
  if not loaded then
    error("cookies:load: " .. problem, 2)
  end
end

---------------------------------------------------------------------------------------------------------------------

--- GreenHttp([options]): a client, with connections, cookies and defaults of its own; any number of greens may use it.
local function GreenHttp(options)
  if options ~= nil and type(options) ~= "table" then
    error("GreenHttp: table of options expected, got " .. type(options), 2)
  end
  options = options or {}
  local headers = options.headers and flat_headers(options.headers, "headers")
  local self = setmetatable({}, Client)
  self.core = native.client(options, options.base_url, headers)
  self.send = native.send
  self.hooks = options.hooks
  self.params = options.params and flat(options.params, "params")
  self.cookies = setmetatable({ core = self.core }, Cookies)
  return self
end

green.HttpError = response.HttpError

return GreenHttp
