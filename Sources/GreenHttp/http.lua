-- GreenHttp: reads what scripts ask for, and makes requests of it.
local green, native, parts = ...
local response, request, Cookies = parts.response, parts.request, parts.cookies
local fault, faults = native.fault, parts.faults
local raise = faults.raise

local Client = { __name = "GreenHttp", __metatable = "GreenHttp" }
local methods = {}

---------------------------------------------------------------------------------------------------------------------
-- Requests.

local hook_names = { before_request = true, on_headers = true, after_response = true }

local function checked_hooks(hooks)
  if hooks == nil or hooks == false then
    return nil
  elseif type(hooks) ~= "table" then
    fault("hooks: table expected, got " .. type(hooks))
  end
  for name, hook in pairs(hooks) do
    local metatable = getmetatable(hook)
    if not hook_names[name] then
      fault(("hooks: before_request, on_headers or after_response expected, got '%s'"):format(tostring(name)))
    elseif type(hook) ~= "function" and not (type(metatable) == "table" and metatable.__call) then
      fault(("hooks: %s: function expected, got %s"):format(name, type(hook)))
    end
  end
  return hooks
end

local function call_hook(hooks, name, ...)
  local hook = hooks and hooks[name]
  if hook then
    hook(...)
  end
end

local function perform(self, method, url, options, stream)
  local query = request.query_of(options.params, self.params)
  local body, content_type = request.body_of(options)
  local headers = options.headers and request.flat_headers(options.headers, "headers")
  if options.content_type ~= nil then
    content_type = request.scalar(options.content_type, "content_type")
  end
  if content_type and not request.has_header(headers, "content-type") then
    headers = headers or {}
    headers[#headers + 1] = "Content-Type"
    headers[#headers + 1] = content_type
  end
  local length = type(body) == "function" and request.take_length(headers) or nil
  local cookies = request.cookie_text(options.cookies, self.own_cookies)
  local raw, status, content, history =
    self.send(self.core, method, url, query, headers, body, options, stream, cookies, length)
  if not raw then
    raise(status, content)
  end
  return response.new(raw, status, content, history)
end

local function hooked(self, method, url, options, own_hooks)
  local hooks = self.hooks
  local asked = { method = method, url = url, options = options }
  call_hook(hooks, "before_request", asked)
  call_hook(own_hooks, "before_request", asked)
  method, url, options = asked.method, asked.url, asked.options or {}
  local stream = options.stream or false
  if not stream and (hooks and hooks.on_headers or own_hooks and own_hooks.on_headers) then
    stream = "collected"
  end
  local result = perform(self, method, url, options, stream)
  local held = stream and setmetatable({}, { __close = function(_, problem)
    if problem ~= nil then
      result:close() -- nobody will read it
    end
  end }) or nil
  local _ <close> = held
  call_hook(hooks, "on_headers", result)
  call_hook(own_hooks, "on_headers", result)
  if not options.stream then
    local _ = result.content -- collects it
  end
  call_hook(hooks, "after_response", result)
  call_hook(own_hooks, "after_response", result)
  return result
end

local function ask(self, method, url, options)
  if options == nil then
    if not self.hooks and not self.params and not self.own_cookies then
      local raw, status, content, history = self.send(self.core, method, url)
      if not raw then
        raise(status, content)
      end
      return response.new(raw, status, content, history)
    end
    options = {}
  elseif type(options) ~= "table" then
    fault("options: table expected, got " .. type(options))
  end
  local own_hooks = checked_hooks(options.hooks)
  if self.hooks or own_hooks then
    return hooked(self, method, url, options, own_hooks)
  end
  return perform(self, method, url, options, options.stream or false)
end

--- Makes a request; parks this green until the response is there. Raises an HttpError when there is none.
function methods:request(method, url, options)
  if type(method) ~= "string" then
    fault("request: a method, such as \"GET\", expected before the URL, got " .. type(method))
  end
  return ask(self, method:upper(), url, options)
end

for _, method in ipairs { "get", "options", "post", "put", "patch", "delete" } do
  local name = method:upper()
  methods[method] = function(self, url, options)
    return ask(self, name, url, options)
  end
end

-- Asks what a resource is like: a redirect is an answer to that.
function methods:head(url, options)
  if options ~= nil and type(options) ~= "table" then
    fault("options: table expected, got " .. type(options))
  end
  local copy = {}
  for name, value in pairs(options or {}) do
    copy[name] = value
  end
  if copy.max_redirects == nil and copy.allow_redirects ~= true then
    copy.max_redirects = 0
  end
  return ask(self, "HEAD", url, copy)
end

methods.websocket = parts.websocket

--- No new requests; the connections close once those under way have ended.
function methods:close()
  native.close_client(self.core)
end

--- Figures: in_flight, waiting (for a connection), completed.
function methods:info()
  return native.client_info(self.core)
end

faults.want_colons(methods, Client, "http", {
  get = "url", options = "url", head = "url", post = "url", put = "url", patch = "url", delete = "url",
  request = "method, url", websocket = "url",
})
Client.__index = methods
Client.__close = methods.close

function Client.__tostring()
  return "GreenHttp"
end

---------------------------------------------------------------------------------------------------------------------

-- An app is judged where the client is made, and not where it is first asked.
local function check_app(app)
  if not green.GreenWSGI then
    fault("GreenHttp: option 'app': this host has no GreenWSGI to call it with")
  end
  local is_app, problem = pcall(green.GreenWSGI, app, false)
  if not is_app then
    local _, where = pcall(fault, "")
    fault("GreenHttp: option 'app': " .. problem:sub(#where + 1)) -- both name the same place
  end
end

-- Cookies to begin with: a list of those for the jar; or names and values, which every request has beside them.
local function take_cookies(self, cookies)
  if type(cookies) ~= "table" then
    fault("GreenHttp: option 'cookies': table expected, got " .. type(cookies))
  elseif type(cookies[1]) ~= "table" or cookies[1].name == nil then
    self.own_cookies = request.flat(cookies, "cookies")
    request.cookie_text(nil, self.own_cookies) -- raises for what cannot be sent
    return
  end
  for _, cookie in ipairs(cookies) do
    self.cookies:set(cookie)
  end
end

--- GreenHttp([options]): a client, with connections, cookies and defaults of its own; any number of greens may use it.
local function GreenHttp(options)
  if options ~= nil and type(options) ~= "table" then
    fault("GreenHttp: table of options expected, got " .. type(options))
  end
  options = options or {}
  local base_url, app = options.base_url, options.app
  if app ~= nil then
    check_app(app)
    base_url = base_url or "http://app/"
  end
  if base_url ~= nil and type(base_url) ~= "string" then
    fault("GreenHttp: option 'base_url': string expected, got " .. type(base_url))
  end
  local headers = options.headers and request.flat_headers(options.headers, "headers")
  local self = setmetatable({}, Client)
  self.core = native.client(options, base_url, headers)
  self.cookies = setmetatable({ core = self.core }, Cookies)
  self.send = app ~= nil and parts.memory(app, self.cookies) or native.send
  self.hooks = checked_hooks(options.hooks)
  self.params = options.params and request.flat(options.params, "params")
  if options.cookies ~= nil then
    take_cookies(self, options.cookies)
  end
  return self
end

return GreenHttp
