-- The headers of a response as scripts see them, and what is computed from them.

local _, native, parts = ...
local fault = native.fault

-- Headers: names in any case; several fields of one name read as one (RFC 9110 section 5.3).

local Headers = { __name = "Headers", __metatable = "Headers" }

-- Kept beside the table, so that any name can be a header's: `names` in order, the `lists` of their values, and whether
-- the body that they are about `is_unpacked`.
local fields_of = setmetatable({}, { __mode = "k" })

local function new_headers(flat, is_unpacked)
  local headers = setmetatable({}, Headers)
  local names, lists = {}, {}
  for i = 1, #flat, 2 do
    local name = flat[i]:lower()
    local list = lists[name]
    if list then
      list[#list + 1] = flat[i + 1]
    else
      names[#names + 1] = name
      lists[name] = { flat[i + 1] }
    end
  end
  fields_of[headers] = { names = names, lists = lists, is_unpacked = is_unpacked }
  return headers
end

-- The values of a name in small letters, as one; nil without any.
local function value_of(fields, name)
  local list = fields.lists[name]
  if list then
    -- Commas are a part of cookies: their fields cannot be joined.
    return (#list == 1 or name == "set-cookie") and list[1] or table.concat(list, ", ")
  end
end

local methods = {}

--- All values of a name, in order.
function methods.get_all(headers, name)
  if type(name) ~= "string" then
    fault("get_all: a header's name expected, got " .. type(name))
  end
  return fields_of[headers].lists[name:lower()] or {}
end

-- What is between two hosts only (RFC 9110 section 7.6.1).
local of_one_hop = {}
for name in ("connection keep-alive proxy-connection proxy-authenticate proxy-authentication-info te trailer "
  .. "transfer-encoding upgrade"):gmatch("%S+") do
  of_one_hop[name] = true
end

--- What a handler may answer with in its turn: a new table of names in small letters and values, of Set-Cookie a list.
-- Without what is between two hosts only, and without what an unpacked body no longer has: its coding and length.
function methods.end_to_end(headers)
  local fields = fields_of[headers]
  local left_out = {}
  for name in (value_of(fields, "connection") or ""):lower():gmatch("[^%s,]+") do
    left_out[name] = true
  end
  if fields.is_unpacked and fields.lists["content-encoding"] then
    left_out["content-encoding"], left_out["content-length"] = true, true
  end
  local plain = {}
  for _, name in ipairs(fields.names) do
    if not of_one_hop[name] and not left_out[name] then
      plain[name] = name == "set-cookie" and table.move(fields.lists[name], 1, #fields.lists[name], 1, {})
        or value_of(fields, name)
    end
  end
  return plain
end

parts.faults.want_colons(methods, Headers, "headers", { get_all = "name" })

function Headers.__index(headers, name)
  -- Methods win: a server chooses the names of its headers.
  local method = methods[name]
  if method then
    return method
  end
  if type(name) == "string" then
    return value_of(fields_of[headers], name:lower())
  end
end

function Headers.__newindex()
  fault("the headers of a response cannot be changed (headers:end_to_end() gives a table that can)")
end

-- How many pairs there are.
function Headers.__len(headers)
  local fields = fields_of[headers]
  local cookies = fields.lists["set-cookie"]
  return #fields.names + (cookies and #cookies - 1 or 0)
end

-- Each name with its value; Set-Cookie once for each of its values.
function Headers.__pairs(headers)
  local fields = fields_of[headers]
  local at, of_name = 0, 0
  return function()
    local cookies = fields.names[at] == "set-cookie" and fields.lists["set-cookie"]
    if cookies and of_name < #cookies then
      of_name = of_name + 1
      return "set-cookie", cookies[of_name]
    end
    at, of_name = at + 1, 1
    local name = fields.names[at]
    if name then
      return name, value_of(fields, name)
    end
  end
end

-- What GreenWSGI sends when a handler gives these as its headers.
methods.__response_headers = methods.end_to_end

---------------------------------------------------------------------------------------------------------------------
-- What is computed from the header. Servers may send lines of 100 KB: no pattern here tries a place twice.

-- The text without the blanks at its end.
local function trimmed(text)
  return text:match("^.*%S") or ""
end

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
  for _, line in ipairs(methods.get_all(headers, "set-cookie")) do
    local name, value = line:match("^%s*([^=;%s]+)%s*=%s*([^;]*)")
    if name then
      value = trimmed(value)
      cookies[name] = #value > 1 and value:match("^\"(.*)\"$") or value
    end
  end
  return cookies
end

-- A text in quotes, from behind the opening one on, without its escapes; the position behind it.
local function read_quoted(line, from)
  local parts = {}
  while true do
    local stop = line:find('["\\]', from) or #line + 1
    parts[#parts + 1] = line:sub(from, stop - 1)
    if line:byte(stop) ~= 92 then
      return table.concat(parts), stop + 1
    end
    parts[#parts + 1] = line:sub(stop + 1, stop + 1)
    from = stop + 2
  end
end

-- The parameters of a link from a position on, into the link; the position behind them.
local function read_parameters(line, from, link)
  while true do
    local name, stop = line:match("^%s*;%s*([^%s=;,]*)%s*()", from)
    if not name then
      return from
    end
    from = stop
    local value = line:match("^=%s*()", from)
    if value then
      local text
      if line:byte(value) == 34 then
        text, from = read_quoted(line, value + 1)
      else
        text, from = line:match("^([^%s;,]*)()", value)
      end
      if name ~= "" and link[name:lower()] == nil then
        link[name:lower()] = text
      end
    end
  end
end

-- RFC 8288 section 3: <url>; rel="next"; title="..."
local function links_of(headers)
  local links = {}
  for _, line in ipairs(methods.get_all(headers, "link")) do
    local from = 1
    while true do
      local open = line:find("<", from, true)
      local close = open and line:find(">", open, true)
      if not close then
        break
      end
      local url = line:sub(open + 1, close - 1)
      local link = { url = url }
      from = read_parameters(line, close + 1, link)
      for relation in (link.rel or url):gmatch("%S+") do
        links[relation] = links[relation] or link
      end
    end
  end
  return links
end

return { new = new_headers, trimmed = trimmed, charset_of = charset_of, cookies_of = cookies_of, links_of = links_of }
