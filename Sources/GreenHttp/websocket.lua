-- WebSockets as scripts see them.
local _, native, parts = ...
local request, faults = parts.request, parts.faults
local fault, raise = native.fault, faults.raise

local WebSocket = { __name = "WebSocket", __metatable = "WebSocket" }
local methods, getters = {}, {}

function WebSocket.__index(self, key)
  local method = methods[key]
  if method then
    return method
  end
  local getter = getters[key]
  if getter then
    return getter(self)
  end
end

function WebSocket:__tostring()
  return "WebSocket " .. self.url
end

for _, name in ipairs { "url", "subprotocol", "is_open", "close_code", "close_reason" } do
  getters[name] = function(self)
    return native.socket_fact(self.raw, name)
  end
end

getters.headers = function(self)
  local headers = parts.headers.new(native.socket_fields(self.raw))
  rawset(self, "headers", headers)
  return headers
end

local function check_string(value, what)
  if type(value) ~= "string" then
    fault(("%s: string expected, got %s"):format(what, type(value)))
  end
end

-- What a native answers when it has no message: nil and why, or false for an error.
local function checked(data, ...)
  if data == false then
    raise(...)
  end
  return data, ...
end

--- Sends a message: text, which must be UTF-8, or "binary". Parks this green while the server takes no more.
function methods:send(data, kind)
  check_string(data, "send")
  if kind ~= nil and kind ~= "text" and kind ~= "binary" then
    fault(("send: \"text\" or \"binary\" expected, got %s"):format(tostring(kind)))
  end
  local sent, problem, message = native.socket_send(self.raw, data, kind == "binary")
  if not sent then
    raise(problem, message)
  end
end

--- The next message and its kind, "text" or "binary"; nil, "timeout"; or nil, "closed", code and reason after the end.
-- Parks this green until there is one.
function methods:receive(timeout)
  return checked(native.socket_receive(self.raw, timeout))
end

--- Asks the server for a sign of life: seconds until it came; nil, "timeout"; or nil, "closed", code and reason.
function methods:ping(data, timeout)
  if data ~= nil then
    check_string(data, "ping")
  end
  return checked(native.socket_ping(self.raw, data, timeout))
end

--- Closes it, and waits until that is done, for close_timeout at most. true; or nil and why it did not end well.
function methods:close(code, reason)
  if code ~= nil and math.type(code) ~= "integer" then
    fault("close: a close code (1000, 3000 to 4999) expected, got " .. tostring(code))
  end
  if reason ~= nil then
    check_string(reason, "close: reason")
  end
  local closed, problem, message = native.socket_close(self.raw, code or 1000, reason or "", false)
  if message then
    raise(problem, message)
  end
  return closed, problem
end

--- Iterates over the messages and their kinds until it is closed.
function methods:messages()
  return function()
    local data, kind = self:receive()
    if data then
      return data, kind
    end
  end
end

faults.want_colons(methods, WebSocket, "ws", { send = "data" })

-- Left by an error: the server is told, but nobody waits for its answer.
function WebSocket:__close(problem)
  native.socket_close(self.raw, problem == nil and 1000 or 1001, "", problem ~= nil)
end

---------------------------------------------------------------------------------------------------------------------

local own = {
  headers = true, cookies = true, subprotocols = true, max_message = true, ping_interval = true, close_timeout = true,
}

-- Of requests: here they would do nothing.
local foreign = {}
for name in ("data json files stream hooks content_type params max_redirects allow_redirects retries max_body "
  .. "max_ratio decompress expect http_version read_timeout"):gmatch("%S+") do
  foreign[name] = true
end

local function number(options, name, least)
  local value = options[name]
  if value == nil or value == false and name == "ping_interval" then
    return nil
  elseif type(value) ~= "number" or not (value >= least) then
    fault(("option '%s': number from %s up expected, got %s"):format(name, least, tostring(value)))
  end
  return value
end

local function subprotocols_of(list)
  if list == nil then
    return nil
  elseif type(list) ~= "table" then
    fault("option 'subprotocols': list of names expected, got " .. type(list))
  end
  for i, name in ipairs(list) do
    if type(name) ~= "string" then
      fault(("option 'subprotocols'[%d]: string expected, got %s"):format(i, type(name)))
    end
  end
  return list
end

-- What is left for the settings of the connection.
local function connection_options(options)
  local rest
  for name, value in pairs(options) do
    if foreign[name] then
      fault(("option '%s': a WebSocket has none"):format(name))
    elseif not own[name] then
      rest = rest or {}
      rest[name] = value
    end
  end
  return rest
end

--- Opens a WebSocket; parks this green until it is open. Raises an HttpError when it cannot be opened.
local function open(self, url, options)
  if options == nil then
    options = {}
  elseif type(options) ~= "table" then
    fault("options: table expected, got " .. type(options))
  end
  if self.send ~= native.send then
    fault("a GreenHttp with an app has no WebSockets")
  end
  local most = number(options, "max_message", 1)
  local raw, kind, message, status = native.socket_open(self.core, url,
    options.headers and request.flat_headers(options.headers, "headers"), connection_options(options),
    subprotocols_of(options.subprotocols), most and math.floor(math.min(most, 2 ^ 53)),
    number(options, "ping_interval", 0.001), number(options, "close_timeout", 0),
    request.cookie_text(options.cookies, self.own_cookies))
  if not raw then
    faults.raise_error { kind = kind, message = message, status = status }
  end
  return setmetatable({ raw = raw }, WebSocket)
end

return open
