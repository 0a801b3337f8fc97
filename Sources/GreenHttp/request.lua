-- What scripts give for a request, made into what `native.send` takes: flat lists, bodies, parts.
local _, native, parts = ...
local fault, json = native.fault, parts.json

---------------------------------------------------------------------------------------------------------------------
-- From tables to flat lists of names and values.

local function scalar(value, what)
  local kind = type(value)
  if kind == "string" then
    return value
  elseif kind == "number" or kind == "boolean" then
    return tostring(value)
  end
  fault(("%s: string, number or boolean expected, got %s"):format(what, kind))
end

-- Names in order, so that the same table gives the same request.
local function sorted_names(table_, what)
  local names = {}
  for name in pairs(table_) do
    if type(name) ~= "string" then
      fault(("%s: names or a list of pairs {name, value} expected, got the key %s"):format(what, tostring(name)))
    end
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- Names beside the items of a list would be lost.
local function check_is_list(list, what)
  for key in pairs(list) do
    if math.type(key) ~= "integer" or key < 1 or key > #list then
      fault(("%s: names or a list expected, got a list with the key %s"):format(what, tostring(key)))
    end
  end
end

local function append(list, name, value, what)
  if type(value) == "table" then
    check_is_list(value, what .. " '" .. name .. "'")
    for _, item in ipairs(value) do
      list[#list + 1] = name
      list[#list + 1] = scalar(item, what .. " '" .. name .. "'")
    end
  else
    list[#list + 1] = name
    list[#list + 1] = scalar(value, what .. " '" .. name .. "'")
  end
end

-- {name = value or list of values}, or a list of pairs.
local function flat(pairs_, what)
  if type(pairs_) ~= "table" then
    fault(("%s: table expected, got %s"):format(what, type(pairs_)))
  end
  local list = {}
  if pairs_[1] ~= nil then
    check_is_list(pairs_, what)
    for i, pair in ipairs(pairs_) do
      if type(pair) ~= "table" or pair[1] == nil or pair[2] == nil then
        fault(("%s[%d]: a pair {name, value} expected"):format(what, i))
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
    fault(("%s: table expected, got %s"):format(what, type(headers)))
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

-- How many bytes a body function will give, where a Content-Length says so: that is taken out of the headers.
local function take_length(headers)
  local length
  for i = #(headers or "") - 1, 1, -2 do
    if headers[i]:lower() == "content-length" and headers[i + 1] then
      local text = table.remove(headers, i + 1)
      table.remove(headers, i)
      local count = text:match("^%d+$") and math.tointeger(tonumber(text))
      if not count or length and length ~= count then
        fault(("header Content-Length: one number of bytes expected, got '%s'"):format(text))
      end
      length = count
    end
  end
  return length
end

-- The names and values of `defaults` that `list` does not name, and behind them those of the list.
local function with_defaults(list, defaults)
  local all, named = {}, {}
  for i = 1, #list, 2 do
    named[list[i]] = true
  end
  for i = 1, #defaults, 2 do
    if not named[defaults[i]] then
      all[#all + 1] = defaults[i]
      all[#all + 1] = defaults[i + 1]
    end
  end
  return table.move(list, 1, #list, #all + 1, all)
end

-- The query of `params`, with those of `defaults` that `params` does not name; nil for none.
local function query_of(params, defaults)
  if type(params) == "string" then
    local query, text = native.query(params), defaults and native.form(defaults) or ""
    return text ~= "" and query ~= "" and text .. "&" .. query or text ~= "" and text or query
  end
  local list = params ~= nil and flat(params, "params") or {}
  if defaults then
    list = with_defaults(list, defaults)
  end
  return (params ~= nil or defaults) and native.form(list) or nil
end

-- Cookies as they are sent, with those of `defaults` that `cookies` does not name; nil for none.
local function cookie_text(cookies, defaults)
  local list = cookies ~= nil and flat(cookies, "cookies") or {}
  if defaults then
    list = with_defaults(list, defaults)
  end
  local pairs_ = {}
  for i = 1, #list, 2 do
    if list[i] == "" or list[i]:find("[%s%c=;,]") or list[i + 1]:find("[;%c]") then
      fault(("cookies: '%s' cannot be sent: its name has a blank, '=', ';' or ',', or its value ';' or a control "
        .. "character"):format(list[i]))
    end
    pairs_[#pairs_ + 1] = list[i] .. "=" .. list[i + 1]
  end
  return pairs_[1] and table.concat(pairs_, "; ")
end

---------------------------------------------------------------------------------------------------------------------
-- Bodies.

local part_fields = { name = true, content = true, path = true, filename = true, type = true }

local function check_name(name, what)
  if name:find("%c") then
    fault(("%s: a control character is in the name '%s'"):format(what, name:gsub("%c", "?")))
  end
  return name
end

-- A part for `native.send`: name, content or false, path or false, filename, type.
local function part_of(name, file)
  if type(file) == "string" then
    return { name, file, false, name }
  elseif type(file) ~= "table" then
    fault(("files '%s': string, or table with content or path, expected, got %s"):format(name, type(file)))
  end
  for key in pairs(file) do
    if not part_fields[key] then
      fault(("files '%s': content or path, filename and type expected, got '%s'"):format(name, tostring(key)))
    end
  end
  for _, key in ipairs { "content", "path", "filename", "type" } do
    local value = file[key]
    if value ~= nil and type(value) ~= "string" then
      fault(("files '%s': %s: string expected, got %s"):format(name, key, type(value)))
    elseif value and key ~= "content" and value:find("%c") then
      fault(("files '%s': %s: a control character is in it"):format(name, key))
    end
  end
  local path, content = file.path, file.content
  if (path == nil) == (content == nil) then
    fault(("files '%s': either content or path expected"):format(name))
  end
  local filename = file.filename or (path and path:match("[^/]+$")) or name
  return { name, content or false, path or false, filename, file.type }
end

local function parts_of(files, data)
  local parts = {}
  if data then
    if type(data) ~= "table" then
      fault("data beside files: a table of fields expected, got " .. type(data))
    end
    local fields = flat(data, "data")
    for i = 1, #fields, 2 do
      parts[#parts + 1] = { check_name(fields[i], "data"), fields[i + 1], false }
    end
  end
  if type(files) ~= "table" then
    fault("files: table expected, got " .. type(files))
  end
  if files[1] ~= nil then
    for i, file in ipairs(files) do
      if type(file) ~= "table" or type(file.name) ~= "string" then
        fault(("files[%d]: a table with a name expected"):format(i))
      end
      parts[#parts + 1] = part_of(check_name(file.name, "files"), file)
    end
  else
    for _, name in ipairs(sorted_names(files, "files")) do
      parts[#parts + 1] = part_of(check_name(name, "files"), files[name])
    end
  end
  return parts
end

-- The body, and the content type that goes with it.
local function body_of(options)
  local data, value, files = options.data, options.json, options.files
  if value ~= nil then
    if data ~= nil or files ~= nil then
      fault("json: give no data or files beside it")
    end
    return json.encode(value), "application/json"
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
  fault("data: string, table or function expected, got " .. type(data))
end

return {
  flat = flat, flat_headers = flat_headers, has_header = has_header, scalar = scalar, cookie_text = cookie_text,
  body_of = body_of, query_of = query_of, take_length = take_length,
}
