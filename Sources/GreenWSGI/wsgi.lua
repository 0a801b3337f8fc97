-- GreenWSGI: puts an app (a function, a list of them, a route table) behind one function of a request.
local green, new_router = ...
local GreenPool, wait = green.GreenPool, green.wait

local WSGI = {}
WSGI.__index = WSGI
WSGI.__name = "GreenWSGI"

local function is_callable(value)
  if type(value) == "function" then
    return true
  end
  local metatable = type(value) == "table" and getmetatable(value)
  return type(metatable) == "table" and metatable.__call ~= nil
end

local function describe(value)
  return type(value) == "string" and ("%q"):format(value) or type(value)
end

-- A route table: the handler of the route that matches; nothing when no route has the path, so that the next
-- middleware is asked.
local function routed(routes)
  local texts, handlers = {}, {}
  for text, handler in pairs(routes) do
    if type(text) ~= "string" then
      error("a route table has routes as keys, such as \"GET /users/:id\"; got " .. describe(text), 0)
    end
    if not is_callable(handler) then
      error(("route %q: a handler function was expected, got %s"):format(text, describe(handler)), 0)
    end
    texts[#texts + 1] = text
  end
  table.sort(texts) -- so that messages do not depend on the order of a table
  for i, text in ipairs(texts) do
    handlers[i] = routes[text]
  end
  local router = new_router(texts)
  return function(request)
    local route, status, allow = router:match(request)
    if route then
      return handlers[route](request)
    elseif status == 204 or status == 405 then
      return status, { Allow = allow }, status == 405 and "405 Method Not Allowed\n" or nil
    elseif status == 400 then
      return status, {}, "400 Bad Request\n"
    end
  end
end

local function middleware_of(app)
  if is_callable(app) then
    return { app }
  end
  if type(app) ~= "table" then
    error("GreenWSGI takes a function, a list of functions or a route table; got " .. describe(app), 0)
  end
  if app[1] == nil then
    if next(app) == nil then
      error("GreenWSGI was given an empty table: a list of functions or a route table was expected", 0)
    end
    return { routed(app) }
  end
  local list = {}
  for i, part in ipairs(app) do
    list[i] = is_callable(part) and part or middleware_of(part)[1]
  end
  return list
end

-- The first answer that is not nil wins. A future among the answers is waited for.
local function first_answer(list, request, position, answer, ...)
  if type(answer) == "userdata" then
    answer = wait(answer)
  end
  if answer ~= nil or position == #list then
    return answer, ...
  end
  return first_answer(list, request, position + 1, list[position + 1](request))
end

local function chain(list)
  if #list == 1 then
    return list[1]
  end
  return function(request)
    return first_answer(list, request, 1, list[1](request))
  end
end

-- The forms of an answer, as one table.
local function normalised(first, second, third, ...)
  if type(first) == "table" and first[1] == nil and not is_callable(first) then
    first.status = first.status or 200
    first.headers = first.headers or {}
    return first
  elseif math.type(first) == "integer" then
    if type(second) == "table" and (third ~= nil or second[1] == nil) then
      return { status = first, headers = second, body = third }
    end
    return { status = first, headers = {}, body = second == nil and third or second }
  end
  return { status = 200, headers = {}, body = first }
end

local function error_answer(problem)
  if type(problem) == "table" and math.type(problem.status) == "integer" then
    return normalised(problem)
  end
end

-- With response middleware, also answers that come of errors go through it.
local function with_response_middleware(answer_of, list, log)
  return function(request)
    local results = table.pack(xpcall(answer_of, function(problem)
      return { problem = problem, trace = debug and debug.traceback(tostring(problem), 2) or tostring(problem) }
    end, request))
    local response
    if results[1] then
      if results[2] == nil then
        response = { status = 404, headers = {}, body = "404 Not Found\n" }
      else
        response = normalised(table.unpack(results, 2, results.n))
      end
    else
      response = error_answer(results[2].problem)
      if not response then
        log("error in a handler: " .. results[2].trace)
        response = { status = 500, headers = {}, body = "500 Internal Server Error\n" }
      end
    end
    for _, part in ipairs(list) do
      local changed = part(request, response)
      response = changed and wait(changed) or response
    end
    return response
  end
end

--- GreenWSGI(app [, pool [, response_middleware]])
-- app: `function(request)`, a list of such (the first answer that is not nil wins), or a route table.
-- pool: where it runs; a GreenPool of its own by default.
-- response_middleware: `function(request, response)` or a list; each may change `response` (status, headers, body),
-- or return another.
local function GreenWSGI(app, pool, response_middleware)
  local self = setmetatable({}, WSGI)
  self.middleware = middleware_of(app)
  self.pool = pool or GreenPool()
  if is_callable(response_middleware) then
    response_middleware = { response_middleware }
  end
  self.response_middleware = response_middleware or {}
  self.handle = chain(self.middleware)
  if #self.response_middleware > 0 then
    self.handle = with_response_middleware(self.handle, self.response_middleware, warn)
  end
  return self
end

-- In a worker: the answer. Anywhere else: a job of the pool, and the future of the answer.
function WSGI:__call(request)
  if self.pool.in_green_worker then
    return self.handle(request)
  end
  return self.pool:submit(self.handle, request)
end

-- What `serve` runs: of anything that an app file may return.
local function handler_of(app)
  if getmetatable(app) == WSGI then
    return app.handle, app.pool
  end
  local wsgi = GreenWSGI(app, false)
  return wsgi.handle
end

green.GreenWSGI = GreenWSGI

return GreenWSGI, handler_of
