-- The headers of a response as scripts see them, and what is computed from them.

-- Headers: names in any case; several fields of one name read as one (RFC 9110 section 5.3).

local Headers = { __name = "Headers", __metatable = "Headers" }

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
      local text, behind = line:match("^\"([^\"\\]*)\"()", value)
      if not text and line:sub(value, value) == '"' then
        -- With escapes in it: rare enough to be read slowly.
        local escaped = line:gsub("\\.", "__")
        local close = escaped:find('"', value + 1, true) or #line + 1
        text, behind = line:sub(value + 1, close - 1):gsub("\\(.)", "%1"), close + 1
      elseif not text then
        text, behind = line:match("^([^%s;,]*)()", value)
      end
      from = behind
      if name ~= "" and link[name:lower()] == nil then
        link[name:lower()] = text
      end
    end
  end
end

-- RFC 8288 section 3: <url>; rel="next"; title="..."
local function links_of(headers)
  local links = {}
  for _, line in ipairs(headers:get_all("link")) do
    local from = 1
    while true do
      local url, stop = line:match("<([^>]*)>()", from)
      if not url then
        break
      end
      local link = { url = url }
      from = read_parameters(line, stop, link)
      for relation in (link.rel or url):gmatch("%S+") do
        links[relation] = links[relation] or link
      end
    end
  end
  return links
end

return { new = new_headers, charset_of = charset_of, cookies_of = cookies_of, links_of = links_of }
