-- The response as scripts see it: facts are asked for when they are read, and then kept.
local green, native = ...
local io, os = io, os

---------------------------------------------------------------------------------------------------------------------
-- Errors: tables with `kind` and `message`, and what they are about.

local HttpError = { __name = "HttpError" }
HttpError.__index = HttpError

function HttpError:__tostring()
  return self.message
end

local function raise(kind, message, response)
  error(setmetatable({ kind = kind, message = message, response = response }, HttpError), 0)
end

---------------------------------------------------------------------------------------------------------------------
-- Headers: names in any case; several fields of one name read as one (RFC 9110 section 5.3).

local Headers = { __name = "Headers" }

-- Kept beside the table, so that any name can be a header's.
local values_of = setmetatable({}, { __mode = "k" })

local function new_headers(fields)
  local headers = setmetatable({}, Headers)
  local values = {}
  for i = 1, #fields, 2 do
    local name = fields[i]:lower()
    local list = values[name]
    if list then
      list[#list + 1] = fields[i + 1]
    else
      values[#values + 1] = name
      values[name] = { fields[i + 1] }
    end
  end
  values_of[headers] = values
  return headers
end

local header_methods = {}

--- All values of a name, in order.
function header_methods.get_all(headers, name)
  return values_of[headers][name:lower()] or {}
end

function Headers.__index(headers, name)
  local list = type(name) == "string" and values_of[headers][name:lower()]
  if not list then
    return header_methods[name]
  end
  -- Commas are a part of cookies: their fields cannot be joined.
  return (#list == 1 or name:lower() == "set-cookie") and list[1] or table.concat(list, ", ")
end

function Headers.__newindex()
  error("the headers of a response cannot be changed", 2)
end

function Headers.__len(headers)
  return #values_of[headers]
end

function Headers.__pairs(headers)
  local values, i = values_of[headers], 0
  return function()
    i = i + 1
    if values[i] then
      return values[i], headers[values[i]]
    end
  end
end

---------------------------------------------------------------------------------------------------------------------
-- What is computed from the header.

local function charset_of(headers)
  local content_type = headers["content-type"]
  local charset = content_type and content_type:match(";%s*[Cc][Hh][Aa][Rr][Ss][Ee][Tt]%s*=%s*\"?([^%s;\"]+)")
  if charset then
    return charset:lower()
  end
  -- JSON is UTF-8 (RFC 8259 section 8.1), and nearly all else is as well.
  return "utf-8"
end

local function cookies_of(headers, cookies)
  for _, line in ipairs(headers:get_all("set-cookie")) do
    local name, value = line:match("^%s*([^=;%s]+)%s*=%s*([^;]*)")
    if name then
      cookies[name] = value:match("^\"(.*)\"%s*$") or value:match("^(.-)%s*$")
    end
  end
  return cookies
end

-- RFC 8288 section 3: <url>; rel="next"; title="..."
local function links_of(headers)
  local links = {}
  for _, line in ipairs(headers:get_all("link")) do
    for url, parameters in line:gmatch("<([^>]*)>([^<]*)") do
      local link = { url = url }
      for name, value in parameters:gmatch(";%s*([%w%-%*]+)%s*=%s*\"?([^\";,]*)\"?") do
        link[name:lower()] = value
      end
      for relation in (link.rel or url):gmatch("%S+") do
        links[relation] = links[relation] or link
      end
    end
  end
  return links
end

---------------------------------------------------------------------------------------------------------------------
-- The response.

local Response = { __name = "HttpResponse" }
local methods, getters = {}, {}

local function new_response(raw, status, content)
  return setmetatable({ raw = raw, status_code = status, content = content }, Response)
end

function Response.__index(self, key)
  local method = methods[key]
  if method then
    return method
  end
  local getter = getters[key]
  if getter then
    local value = getter(self)
    rawset(self, key, value)
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
  return new_headers(native.fields(self.raw))
end

getters.encoding = function(self)
  return charset_of(self.headers)
end

getters.links = function(self)
  return links_of(self.headers)
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
    cookies_of(earlier.headers, cookies)
  end
  return cookies_of(self.headers, cookies)
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

--- The next bytes of a streamed body, at most `most`; nil at the end. Parks while none are there.
function methods:read(most)
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
  return function()
    return self:read(size)
  end
end

--- Lines of the body, without their ends (LF or CR LF).
function methods:iter_lines()
  local rest, ended, from = "", false, 1
  return function()
    while true do
      local stop = rest:find("\n", from, true)
      if stop then
        local line = rest:sub(from, stop - 1)
        from = stop + 1
        return (line:gsub("\r$", ""))
      end
      if ended then
        local line = rest:sub(from)
        rest, from = "", 1
        return line ~= "" and line or nil
      end
      local piece = self:read()
      rest, from = rest:sub(from) .. (piece or ""), 1
      ended = not piece
    end
  end
end

--- Server-sent events (HTML Standard section 9.2): tables with `event`, `data`, and `id` and `retry` where given.
function methods:iter_events()
  local buffer, started, last_id = "", false, nil
  local pending_cr = false
  local function next_line()
    while true do
      local from, to = buffer:find("\r\n?", 1)
      local newline = buffer:find("\n", 1, true)
      if newline and (not from or newline < from) then
        from, to = newline, newline
      end
      -- A CR at the very end may be the first half of CR LF: a line all the same, its LF is dropped later.
      if from then
        local line = buffer:sub(1, from - 1)
        pending_cr = to == #buffer and buffer:byte(to) == 13
        buffer = buffer:sub(to + 1)
        return line
      end
      local piece = self:read()
      if not piece then
        return nil -- an event without its blank line is dropped
      end
      if pending_cr then
        piece = piece:gsub("^\n", "")
        pending_cr = false
      end
      buffer = buffer .. piece
      if not started and #buffer >= 3 then
        buffer = buffer:gsub("^\xEF\xBB\xBF", "")
        started = true
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

return { new = new_response, raise = raise, cjson = cjson, HttpError = HttpError, new_headers = new_headers }
