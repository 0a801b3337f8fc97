-- The response as scripts see it: facts are asked for when they are read, and then kept.
local _, native, parts = ...
local headers, body, json = parts.headers, parts.body, parts.json
local fault, raise = native.fault, parts.faults.raise
local io, os = io, os

---------------------------------------------------------------------------------------------------------------------
-- The response.

local Response = { __name = "HttpResponse", __metatable = "HttpResponse" }
local methods, getters = body.methods, {}
local grows = { elapsed = true, headers = true }

local function new_response(raw, status, content, history)
  return setmetatable({ raw = raw, status_code = status, content = content, history = history }, Response)
end

function Response.__index(self, key)
  local method = methods[key]
  if method then
    return method
  end
  local getter = getters[key]
  if getter then
    local value = getter(self)
    -- While the body comes, times go on, and fields may follow behind it.
    if not grows[key] or native.fact(self.raw, "is_complete") then
      rawset(self, key, value)
    end
    return value
  end
end

function Response:__tostring()
  return ("HttpResponse %d %s %s"):format(self.status_code, self.method, self.url)
end

for _, name in ipairs { "status_code", "reason", "url", "method", "http_version", "reused", "remote_address" } do
  getters[name] = function(self)
    return native.fact(self.raw, name)
  end
end

getters.elapsed = function(self)
  return native.times(self.raw)
end

getters.status = function(self)
  return headers.trimmed(("%d %s"):format(self.status_code, self.reason))
end

getters.ok = function(self)
  return self.status_code < 400
end

getters.headers = function(self)
  return headers.new(native.fields(self.raw), native.fact(self.raw, "is_unpacked"))
end

getters.encoding = function(self)
  return headers.charset_of(self.headers)
end

getters.links = function(self)
  return headers.links_of(self.headers)
end

getters.history = function(self)
  local list = native.history(self.raw)
  for i, raw in ipairs(list) do
    list[i] = new_response(raw)
  end
  return list
end

getters.cookies = function(self)
  local cookies = {}
  for _, earlier in ipairs(self.history) do
    headers.cookies_of(earlier.headers, cookies)
  end
  return headers.cookies_of(self.headers, cookies)
end

-- All of the body: of a streamed response what has not been read yet, waiting for the rest.
getters.content = body.rest_of

--- The body as UTF-8, converted from the charset that the response names.
function methods:text()
  local content, charset = self.content, self.encoding
  if charset == "utf-8" or charset == "us-ascii" then
    return content
  end
  return native.decode(content, charset)
end

--- The body read as JSON, whole numbers as integers; raises when it is none.
function methods:json()
  local value, problem = json.decode(self.content)
  if value == nil then
    raise("json", ("%s %s: the body is no JSON: %s"):format(self.method, self.url, problem), self)
  end
  return value
end

--- The response itself; raises for a status from 400 up.
function methods:raise_for_status()
  if self.status_code >= 400 then
    raise("status", ("%s %s: %s"):format(self.method, self.url, self.status), self)
  end
  return self
end

methods.iter_events = parts.events

--- Writes the body to a file, which appears under its name when it is whole. How many bytes.
-- progress: called with the bytes so far, and how many it will be where that is known.
function methods:save(path, progress)
  if not io or not os then
    fault("save: this host gives scripts no files")
  end
  local total = tonumber(self.headers["content-length"])
  if self.headers["content-encoding"] then
    total = nil -- the length is that of the packed body
  end
  local file, problem = io.open(path .. ".part", "wb")
  if not file then
    fault("save: " .. problem)
  end
  local done, saved = 0, false
  local _ <close> = setmetatable({}, { __close = function()
    if not saved then
      file:close()
      os.remove(path .. ".part")
    end
  end })
  for piece in self:iter_content() do
    local written, failure = file:write(piece)
    if not written then
      fault("save: " .. failure)
    end
    done = done + #piece
    if progress then
      progress(done, total)
    end
  end
  local closed, failure = file:close()
  saved = true
  if not closed then
    os.remove(path .. ".part")
    fault("save: " .. failure)
  end
  local renamed, reason = os.rename(path .. ".part", path)
  if not renamed then
    fault("save: " .. reason)
  end
  return done
end

--- Gives up what is still to come of the body; its connection closes.
function methods:close()
  native.close(self.raw)
end

parts.faults.want_colons(methods, Response, "response")
Response.__close = methods.close

return { new = new_response }
