-- What scripts give for a request, made into what `native.send` takes: flat lists, bodies, parts.
local _, native, parts = ...
local response = parts.response

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

-- Names beside the items of a list would be lost.
local function check_is_list(list, what)
  for key in pairs(list) do
    if math.type(key) ~= "integer" or key < 1 or key > #list then
      error(("%s: names or a list expected, got a list with the key %s"):format(what, tostring(key)), 0)
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
    error(("%s: table expected, got %s"):format(what, type(pairs_)), 0)
  end
  local list = {}
  if pairs_[1] ~= nil then
    check_is_list(pairs_, what)
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

-- The query of `params`, with those of `defaults` that `params` does not name; nil for none.
local function query_of(params, defaults)
  local query
  if type(params) == "string" then
    query = native.query(params)
  elseif params ~= nil then
    params = flat(params, "params")
    query = native.form(params)
  end
  if defaults then
    local list, named = {}, {}
    for i = 1, type(params) == "table" and #params or 0, 2 do
      named[params[i]] = true
    end
    for i = 1, #defaults, 2 do
      if not named[defaults[i]] then
        list[#list + 1] = defaults[i]
        list[#list + 1] = defaults[i + 1]
      end
    end
    local text = native.form(list)
    query = query and query ~= "" and text ~= "" and text .. "&" .. query or text ~= "" and text or query
  end
  return query
end

local function cookie_text(cookies)
  local parts = {}
  local list = flat(cookies, "cookies")
  for i = 1, #list, 2 do
    if list[i] == "" or list[i]:find("[%s%c=;,]") or list[i + 1]:find("[;%c]") then
      error(("cookies: '%s' cannot be sent: its name has a blank, '=', ';' or ',', or its value ';' or a control "
        .. "character"):format(list[i]), 0)
    end
    parts[#parts + 1] = list[i] .. "=" .. list[i + 1]
  end
  return table.concat(parts, "; ")
end

---------------------------------------------------------------------------------------------------------------------
-- Bodies.

local part_fields = { name = true, content = true, path = true, filename = true, type = true }

local function check_name(name, what)
  if name:find("%c") then
    error(("%s: a control character is in the name '%s'"):format(what, name:gsub("%c", "?")), 0)
  end
  return name
end

-- A part for `native.send`: name, content or false, path or false, filename, type.
local function part_of(name, file)
  if type(file) == "string" then
    return { name, file, false, name }
  elseif type(file) ~= "table" then
    error(("files '%s': string, or table with content or path, expected, got %s"):format(name, type(file)), 0)
  end
  for key in pairs(file) do
    if not part_fields[key] then
      error(("files '%s': content or path, filename and type expected, got '%s'"):format(name, tostring(key)), 0)
    end
  end
  for _, key in ipairs { "content", "path", "filename", "type" } do
    local value = file[key]
    if value ~= nil and type(value) ~= "string" then
      error(("files '%s': %s: string expected, got %s"):format(name, key, type(value)), 0)
    elseif value and key ~= "content" and value:find("%c") then
      error(("files '%s': %s: a control character is in it"):format(name, key), 0)
    end
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
      parts[#parts + 1] = { check_name(fields[i], "data"), fields[i + 1], false }
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
  local data, json, files = options.data, options.json, options.files
  if json ~= nil then
    if data ~= nil or files ~= nil then
      error("json: give no data or files beside it", 0)
    end
    local text, problem = response.cjson().encode(json)
    if not text then
      error("json: " .. tostring(problem), 0)
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

return {
  flat = flat, flat_headers = flat_headers, has_header = has_header, scalar = scalar, cookie_text = cookie_text,
  body_of = body_of, query_of = query_of,
}
