-- The response as scripts see it: facts are asked for when they are read, and then kept.
local green, native, parts = ...
local headers = parts.headers
local io, os = io, os

---------------------------------------------------------------------------------------------------------------------
-- Errors: tables with `kind` and `message`, and what they are about.

-- Metatables here are protected: apps of one host share them. What `getmetatable` gives is the name of the type.
local HttpError = { __name = "HttpError", __metatable = "HttpError" }

function HttpError:__tostring()
  return self.message
end

local function raise(kind, message, response)
  error(setmetatable({ kind = kind, message = message, response = response }, HttpError), 0)
end

---------------------------------------------------------------------------------------------------------------------
-- The response.

local Response = { __name = "HttpResponse", __metatable = "HttpResponse" }
local methods, getters = {}, {}
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
  return (("%d %s"):format(self.status_code, self.reason):match("^(.-)%s*$"))
end

getters.ok = function(self)
  return self.status_code < 400
end

getters.headers = function(self)
  return headers.new(native.fields(self.raw))
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
getters.content = function(self)
  local content, kind, message = native.content(self.raw)
  if content then
    return content
  elseif kind then
    raise(kind, message, self)
  end
  local pieces = {}
  for piece in self:iter_content() do
    pieces[#pieces + 1] = piece
  end
  return table.concat(pieces)
end

--- The body as UTF-8, converted from the charset that the response names.
function methods:text()
  local content, charset = self.content, self.encoding
  if charset == "utf-8" or charset == "us-ascii" then
    return content
  end
  return native.decode(content, charset)
end

local function cjson()
  local found, module = pcall(require, "cjson.safe")
  if not found then
    error("JSON needs the Lua module cjson (apt-get install lua-cjson): " .. tostring(module), 0)
  end
  return module
end

--- The body read as JSON; raises when it is none.
function methods:json()
  local value, problem = cjson().decode(self.content)
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

local function check_size(size)
  if size ~= nil and (math.type(size) ~= "integer" or size < 1) then
    error(("a number of bytes from 1 up expected, got %s"):format(tostring(size)), 3)
  end
end

--- The next bytes of a streamed body, at most `most`; nil at the end. Parks while none are there.
function methods:read(most)
  check_size(most)
  local content = rawget(self, "content")
  if content then
    -- Read before as a whole: once more from the start.
    local from = (rawget(self, "position") or 0) + 1
    local piece = content:sub(from, from + (most or 65536) - 1)
    rawset(self, "position", from + #piece - 1)
    return piece ~= "" and piece or nil
  end
  local piece, kind, message = native.read(self.raw, most)
  if kind then
    raise(kind, message, self)
  end
  return piece
end

--- Pieces of the body of at most `size` bytes, as they come.
function methods:iter_content(size)
  check_size(size)
  return function()
    return self:read(size)
  end
end

--- Lines of the body, without their ends (LF or CR LF).
function methods:iter_lines()
  -- Of a line that many pieces make the parts are kept apart until it is whole.
  local parts, piece, from = {}, "", 1
  return function()
    while piece do
      local stop = piece:find("\n", from, true)
      if stop then
        parts[#parts + 1] = piece:sub(from, stop - 1)
        from = stop + 1
        local line = table.concat(parts)
        parts = {}
        return (line:gsub("\r$", ""))
      end
      if from <= #piece then
        parts[#parts + 1] = piece:sub(from)
      end
      piece, from = self:read(), 1
    end
    if parts[1] then
      local line = table.concat(parts)
      parts = {}
      return line
    end
  end
end

--- Server-sent events (HTML Standard section 9.2): tables with `event`, `data`, and `id` and `retry` where given.
function methods:iter_events()
  local buffer, from, last_id = "", 1, nil
  local started, after_cr = false, false
  -- Adds the next piece to what is left; false at the end.
  local function more()
    local piece = self:read()
    if piece then
      buffer, from = buffer:sub(from) .. piece, 1
    end
    return piece ~= nil
  end
  -- A byte-order mark in front is no part of the first line.
  local function start()
    while #buffer < 3 and ("\xEF\xBB\xBF"):sub(1, #buffer) == buffer do
      if not more() then
        break
      end
    end
    if buffer:sub(1, 3) == "\xEF\xBB\xBF" then
      from = 4
    end
    started = true
  end
  local function next_line()
    if not started then
      start()
    end
    local seen = from
    while true do
      -- A CR that was the last byte may have been the first half of CR LF.
      if after_cr and from <= #buffer then
        after_cr = false
        if buffer:byte(from) == 10 then
          from = from + 1
          seen = from
        end
      end
      local stop = buffer:find("[\r\n]", seen)
      if stop then
        local line = buffer:sub(from, stop - 1)
        from = stop + 1
        after_cr = buffer:byte(stop) == 13
        return line
      end
      seen = #buffer - from + 2
      if not more() then
        return nil -- an event without its blank line is dropped
      end
    end
  end
  return function()
    local data, event, retry
    for line in next_line do
      if line == "" then
        if data then
          return { event = event or "message", data = table.concat(data, "\n"), id = last_id, retry = retry }
        end
        event = nil
      elseif line:byte() ~= 58 then -- lines that begin with a colon are comments
        local field, value = line:match("^([^:]*): ?(.*)$")
        field, value = field or line, value or ""
        if field == "data" then
          data = data or {}
          data[#data + 1] = value
        elseif field == "event" then
          event = value ~= "" and value or nil
        elseif field == "id" and not value:find("\0", 1, true) then
          last_id = value
        elseif field == "retry" and value:match("^%d+$") then
          retry = tonumber(value)
        end
      end
    end
  end
end

--- Writes the body to a file, which appears under its name when it is whole. How many bytes.
-- progress: called with the bytes so far, and how many it will be where that is known.
function methods:save(path, progress)
  if not io or not os then
    error("save: this host gives scripts no files", 2)
  end
  local total = tonumber(self.headers["content-length"])
  if self.headers["content-encoding"] then
    total = nil -- the length is that of the packed body
  end
  local file, problem = io.open(path .. ".part", "wb")
  if not file then
    error("save: " .. problem, 2)
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
      error("save: " .. failure, 2)
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
    error("save: " .. failure, 2)
  end
  local renamed, reason = os.rename(path .. ".part", path)
  if not renamed then
    error("save: " .. reason, 2)
  end
  return done
end

--- Gives up what is still to come of the body; its connection closes.
function methods:close()
  native.close(self.raw)
end

Response.__close = methods.close

return { new = new_response, raise = raise, cjson = cjson, HttpError = HttpError, new_headers = headers.new }
