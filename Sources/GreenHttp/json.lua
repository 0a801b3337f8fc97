-- JSON: read by lua-cjson, whose numbers are floats; written here, since lua-cjson keeps no more than 14 digits of them.
local _, native = ...
local fault = native.fault
local math_type, tointeger = math.type, math.tointeger

-- From here on not every whole number is a double: what is read beyond may have been another one.
local last_exact = 2 ^ 53
-- As deep as lua-cjson reads, and no deeper is it written.
local deepest = 1000

---------------------------------------------------------------------------------------------------------------------
-- The library.

local module, reader

-- An instance of our own: what a script sets for its own is not for the client.
local function library()
  if not module then
    local found, loaded = pcall(native.open_json)
    if not found then
      fault("JSON needs the Lua module cjson (apt-get install lua-cjson): " .. tostring(loaded))
    end
    module, reader = loaded, loaded.new()
  end
  return module
end

---------------------------------------------------------------------------------------------------------------------
-- Reading.

-- The value, with whole numbers as integers at every depth.
local function with_integers(value)
  if math_type(value) == "float" then
    return value >= -last_exact and value <= last_exact and tointeger(value) or value
  elseif type(value) == "table" then
    for key, item in next, value do
      local kind = type(item)
      if kind == "number" or kind == "table" then
        value[key] = with_integers(item)
      end
    end
  end
  return value
end

--- The value of a JSON text; nil and what is wrong.
local function decode(text)
  library()
  local value, problem = reader.decode(text)
  if value == nil then
    return nil, problem
  end
  return with_integers(value)
end

---------------------------------------------------------------------------------------------------------------------
-- Writing (RFC 8259).

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r",
  ["\t"] = "\\t" }
for code = 0, 31 do
  local character = string.char(code)
  escapes[character] = escapes[character] or ("\\u%04x"):format(code)
end

local function text_of(string)
  if string:find('[%c"\\]') then
    string = string:gsub('[%c"\\]', escapes)
  end
  return '"' .. string .. '"'
end

-- The shortest of two forms that reads as the same number.
local function digits_of(number)
  if math_type(number) == "integer" then
    return ("%d"):format(number)
  elseif number ~= number or number == math.huge or number == -math.huge then
    fault("json: " .. tostring(number) .. " is no JSON number")
  elseif number % 1 == 0 and number >= -last_exact and number <= last_exact then
    return ("%d"):format(number)
  end
  local text = ("%.14g"):format(number)
  if tonumber(text) ~= number then
    text = ("%.17g"):format(number)
  end
  return (text:gsub(",", ".")) -- what os.setlocale may have made of the point
end

-- How many items the table has as a list; nil when it is none.
local function length_of(value)
  local metatable = getmetatable(value)
  local kind = type(metatable) == "table" and (metatable.__jsontype
    or module and (metatable == module.array_mt or metatable == module.empty_array_mt and next(value) == nil) and "array")
  if kind == "array" then
    return #value
  elseif kind == "object" or next(value) == nil then
    return nil
  end
  local count, last = 0, 0
  for key in next, value do
    if math_type(key) ~= "integer" or key < 1 then
      return nil
    end
    count, last = count + 1, math.max(last, key)
  end
  if last > 10 and last > 2 * count then
    fault(("json: a list with %d items has an item %d: give a value for those between"):format(count, last))
  end
  return last
end

local write

local function write_list(value, length, out, depth)
  for i = 1, length do
    out[#out + 1] = i == 1 and "[" or ","
    write(value[i], out, depth)
  end
  out[#out + 1] = length == 0 and "[]" or "]"
end

local function write_object(value, out, depth)
  local start = "{"
  for key, item in next, value do
    local kind = type(key)
    if kind ~= "string" and kind ~= "number" then
      fault(("json: names are strings or numbers, got the key %s"):format(tostring(key)))
    end
    out[#out + 1] = start
    out[#out + 1] = text_of(kind == "string" and key or digits_of(key))
    out[#out + 1] = ":"
    write(item, out, depth)
    start = ","
  end
  out[#out + 1] = start == "{" and "{}" or "}"
end

function write(value, out, depth)
  local kind = type(value)
  if kind == "string" then
    out[#out + 1] = text_of(value)
  elseif kind == "number" then
    out[#out + 1] = digits_of(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif kind == "table" then
    if depth == deepest then
      fault(("json: tables are nested more than %d deep (is one inside itself?)"):format(deepest))
    end
    local length = length_of(value)
    if length then
      write_list(value, length, out, depth + 1)
    else
      write_object(value, out, depth + 1)
    end
  elseif value == nil or value == library().null then
    out[#out + 1] = "null"
  elseif value == module.empty_array then
    out[#out + 1] = "[]"
  else
    fault("json: a " .. kind .. " cannot be sent: expected tables, strings, numbers, booleans and cjson.null")
  end
end

--- The value as JSON. Raises for what JSON does not have.
local function encode(value)
  local out = {}
  write(value, out, 0)
  return table.concat(out)
end

return { decode = decode, encode = encode }
