-- An app of any form as one function of a request: a function, a list of them, a route table.
local _, native, parts = ...
local is_callable, describe, settled = parts.values.is_callable, parts.values.describe, parts.values.settled
local plain_answer, fault = parts.answers.plain, native.fault
local ipairs, math, next, pairs, table, type = ipairs, math, next, pairs, table, type

-- A route table: the handler of the route that matches; nothing when no route has the path, so that the next
-- middleware is asked.
local function routed(routes)
  local texts, handlers = {}, {}
  for text, handler in pairs(routes) do
    if type(text) ~= "string" then
      fault("a route table has routes as keys, such as \"GET /users/:id\"; got " .. describe(text))
    end
    if not is_callable(handler) then
      fault(("route %q: a handler function was expected, got %s"):format(text, describe(handler)))
    end
    texts[#texts + 1] = text
  end
  table.sort(texts) -- so that messages do not depend on the order of a table
  for i, text in ipairs(texts) do
    handlers[i] = routes[text]
  end
  local router = native.router(texts)
  return function(request)
    local route, status, allow = router:match(request)
    if route then
      return handlers[route](request)
    elseif status == 204 then
      return status, { Allow = allow }
    elseif status == 405 then
      return plain_answer(request, status, { Allow = allow })
    elseif status == 400 then
      return plain_answer(request, status, {}, "the path has a '..' segment or a NUL in a parameter, or a malformed escape")
    end
  end
end

local chain

local function middleware_of(app)
  if is_callable(app) then
    return { app }
  end
  if type(app) ~= "table" then
    fault("GreenWSGI takes a function, a list of functions or a route table; got " .. describe(app))
  end
  if app[1] == nil then
    if next(app) == nil then
      fault("GreenWSGI was given an empty table: a list of functions or a route table was expected")
    end
    return { routed(app) }
  end
  local list = {}
  for key, part in pairs(app) do
    if math.type(key) ~= "integer" or key < 1 or key > #app then
      fault(("GreenWSGI was given a list with the key %s: put a route table into the list instead")
        :format(describe(key)))
    end
    list[key] = is_callable(part) and part or chain(middleware_of(part))
  end
  return list
end

-- The first answer that is not nil wins.
local function first_answer(list, request, position, answer, ...)
  if answer ~= nil or position == #list then
    return answer, ...
  end
  return first_answer(list, request, position + 1, settled(list[position + 1](request)))
end

function chain(list)
  if #list == 1 then
    return list[1]
  end
  return function(request)
    return first_answer(list, request, 1, settled(list[1](request)))
  end
end

return { chain = chain, middleware_of = middleware_of }
