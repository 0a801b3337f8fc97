-- The forms that an answer may have, made into the ones that Swift and response middleware are given.
local _, native, parts = ...
local is_callable = parts.values.is_callable
local page = native.page
local error, getmetatable, math, next, pairs, table, type = error, getmetatable, math, next, pairs, table, type

-- The answer with a status that nobody's handler gave.
local function plain_answer(request, status, headers, message, details)
  local content_type, body = page(request, status, message, details)
  headers["Content-Type"] = content_type
  return status, headers, body
end

local function copy(table)
  local fields = {}
  for key, value in pairs(table) do
    fields[key] = value
  end
  return fields
end

-- Headers as a plain table: what a metatable says they are as a response's, or what `pairs` gives; a name that comes
-- more than once has a list.
local function plain_headers(headers)
  local metatable = getmetatable(headers)
  -- Of a protected metatable only what it gives through its objects can be seen.
  local response_headers = metatable ~= nil
    and (type(metatable) == "table" and metatable or headers).__response_headers
  if response_headers then
    return response_headers(headers)
  end
  local fields, lists = {}, {}
  for name, value in pairs(headers) do
    if fields[name] == nil then
      fields[name] = value
    else
      if not lists[name] then
        lists[name] = { fields[name] }
        fields[name] = lists[name]
      end
      table.insert(lists[name], value)
    end
  end
  return fields
end

-- The forms of an answer, as one table. A copy: what middleware adds to one answer must not be in the next.
local function normalised(first, second, third)
  if type(first) == "table" and first[1] == nil and not is_callable(first) then
    local response = copy(first)
    response.status = response.status or 200
    response.headers = type(response.headers) == "table" and plain_headers(response.headers) or response.headers or {}
    return response
  elseif type(first) == "number" then
    if type(second) == "table" and not is_callable(second) and (third ~= nil or second[1] == nil) then
      return { status = first, headers = plain_headers(second), body = third }
    end
    return { status = first, headers = {}, body = second == nil and third or second }
  end
  return { status = 200, headers = {}, body = first }
end

-- Whether it is a table that is neither a response nor parts of a body.
local function is_data(answer)
  return type(answer) == "table" and answer[1] == nil and not is_callable(answer) and next(answer) ~= nil
    and answer.status == nil and answer.headers == nil and answer.body == nil
end

local function is_answer(problem)
  return type(problem) == "table" and math.type(problem.status) == "integer"
end

-- A table of an answer without metamethods, its headers as well: for Swift, which asks none.
local function plain_response(response)
  local status, headers, body = response.status, response.headers, response.body
  if status == nil and headers == nil and body == nil then
    return { is_data = next(response) ~= nil or nil }
  end
  if type(headers) == "table" then
    headers = plain_headers(headers)
  end
  return { status = status, headers = headers, body = body }
end

-- What a handler gave, for Swift, which has found a metamethod in it: a response, or headers behind a status.
local function plain_answer_of(first, second, ...)
  if type(first) == "table" then
    return plain_response(first)
  end
  return first, plain_headers(second), ...
end

-- The same for what it raised, which is raised again when it is no answer. A stream is none.
local function plain_thrown(problem)
  local response = is_answer(problem) and plain_response(problem)
  if not response or is_callable(response.body) then
    error(problem, 0)
  end
  return response
end

return {
  plain = plain_answer, normalised = normalised, is_answer = is_answer, of_given = plain_answer_of,
  of_thrown = plain_thrown, is_data = is_data,
}
