-- GreenWSGI: puts an app (a function, a list of them, a route table) behind one function of a request.
local green, new_router, page, refusal, log, memory, past_deadline, account = ...
local GreenPool, wait = green.GreenPool, green.wait
local traceback = debug and debug.traceback
local error, getmetatable, ipairs, math, next, pairs, pcall, rawequal, setmetatable, table, tostring, type, xpcall =
  error, getmetatable, ipairs, math, next, pairs, pcall, rawequal, setmetatable, table, tostring, type, xpcall

-- Protected, as apps of one host share it.
local WSGI = { __name = "GreenWSGI", __metatable = "GreenWSGI" }
-- The objects: no script can make one look like one.
local is_wsgi = setmetatable({}, { __mode = "k" })

local function is_callable(value)
  if type(value) == "function" or is_wsgi[value] then
    return true
  end
  local metatable = type(value) == "table" and getmetatable(value)
  return type(metatable) == "table" and metatable.__call ~= nil
end

local function describe(value)
  if value == nil then
    return "nothing (did the app file forget to return its app?)"
  end
  return type(value) == "string" and ("%q"):format(value) or type(value)
end

-- The answer with a status that nobody's handler gave.
local function plain_answer(request, status, headers, message, details)
  local content_type, body = page(request, status, message, details)
  headers["Content-Type"] = content_type
  return status, headers, body
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
    error("GreenWSGI takes a function, a list of functions or a route table; got " .. describe(app), 0)
  end
  if app[1] == nil then
    if next(app) == nil then
      error("GreenWSGI was given an empty table: a list of functions or a route table was expected", 0)
    end
    return { routed(app) }
  end
  local list = {}
  for key, part in pairs(app) do
    if math.type(key) ~= "integer" or key < 1 or key > #app then
      error(("GreenWSGI was given a list with the key %s: put a route table into the list instead")
        :format(describe(key)), 0)
    end
    list[key] = is_callable(part) and part or chain(middleware_of(part))
  end
  return list
end

-- A future among the answers is waited for.
local function settled(answer, ...)
  if type(answer) == "userdata" then
    return wait(answer)
  end
  return answer, ...
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

-- Kept with the place it comes from, which is lost once the call has been left. Its text can wait until then: nothing
-- gives way in a message handler.
local function with_trace(problem)
  local limit, calls = account(problem)
  local place = calls or traceback and traceback("", 2) or ""
  return { is_raised = true, problem = problem, limit = limit, place = place }
end

-- An error that was caught with its place, or, where memory or stack was out, without.
local function raised_of(problem)
  if type(problem) == "table" and problem.is_raised then
    return problem
  end
  return { problem = problem, limit = account(problem) }
end

local function text_of(problem)
  local ok, text = pcall(tostring, problem)
  if not ok then
    return "an error whose __tostring fails"
  elseif type(problem) == "table" and text:find("^table: ") then
    return type(problem.message) == "string" and problem.message
      or "the error is a table without a text (give it a field 'message' or a __tostring)"
  end
  return text
end

local function trace_of(raised)
  return (raised.limit or text_of(raised.problem)) .. (raised.place or "")
end

local function answer_to_error(request, raised)
  if is_answer(raised.problem) then
    return normalised(raised.problem)
  elseif raised.problem == green.cancelled then
    error(raised.problem, 0) -- nobody is left to be answered
  end
  local status, message = refusal(request)
  if status then
    return normalised(plain_answer(request, status, {}, message))
  end
  local trace = trace_of(raised)
  log(request, trace)
  local response = normalised(plain_answer(request, 500, {}, nil, trace))
  response.error = raised.problem -- for middleware, which may answer otherwise
  return response
end

-- With response middleware, also answers that come of errors go through it.
local function with_response_middleware(answer_of, list)
  local function answer(request)
    return settled(answer_of(request))
  end
  return function(request)
    local results = table.pack(xpcall(answer, with_trace, request))
    local response
    if not results[1] then
      response = answer_to_error(request, raised_of(results[2]))
    elseif results[2] == nil then
      response = normalised(plain_answer(request, 404, {}))
    else
      response = normalised(table.unpack(results, 2, results.n))
    end
    for _, part in ipairs(list) do
      local changed = table.pack(settled(part(request, response)))
      if changed[1] then
        response = normalised(table.unpack(changed, 1, changed.n))
      end
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
  is_wsgi[self] = true
  self.middleware = middleware_of(app)
  if pool and type(pool) ~= "userdata" then
    error("GreenWSGI runs in a GreenPool; got " .. describe(pool) .. " in its place", 0)
  end
  self.pool = pool or pool == nil and GreenPool() or nil
  if is_callable(response_middleware) then
    response_middleware = { response_middleware }
  end
  self.response_middleware = response_middleware or {}
  for _, part in ipairs(self.response_middleware) do
    if not is_callable(part) then
      error("response middleware is a function or a list of functions; got " .. describe(part), 0)
    end
  end
  self.handle = chain(self.middleware)
  if #self.response_middleware > 0 then
    self.handle = with_response_middleware(self.handle, self.response_middleware)
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
  if is_wsgi[app] then
    return app.handle, app.pool
  end
  local wsgi = GreenWSGI(app, false)
  return wsgi.handle
end

-- Tells the exchange that the handler, or its stream, has failed.
local function fail(exchange, raised)
  if type(raised.problem) == "table" then
    local ok, answer = xpcall(plain_thrown, with_trace, raised.problem)
    if ok then
      return exchange:fail(answer)
    end
    local again = raised_of(answer)
    raised = rawequal(again.problem, raised.problem) and raised or again
  end
  if rawequal(raised.problem, green.cancelled) or rawequal(raised.problem, green.timed_out) and past_deadline() then
    error(raised.problem, 0) -- it is the caller who is interrupted
  end
  return exchange:fail(raised.problem, trace_of(raised))
end

-- Tells the exchange how the handler's run ended; a stream that begins with that is run to its end.
local function deliver(exchange, ok, ...)
  if not ok then
    return fail(exchange, raised_of(...))
  end
  local function run(stream, ...)
    if stream then
      return deliver(exchange, xpcall(stream, with_trace, ...))
    end
  end
  return run(exchange:answer(...))
end

local function run_handler(handle, request)
  return settled(handle(request))
end

local function check_argument(position, what, value, expected)
  if type(value) ~= expected then
    error(("bad argument #%d to 'call_app' (%s: %s expected, got %s)"):format(position, what, expected, type(value)), 3)
  end
end

--- call_app(app, method, target [, headers [, body]]): one request to an app without a server.
-- app: anything that GreenWSGI takes, or what it returned. headers: a list of "Name: value". body: a string.
-- It runs in the calling green, through all that a request to a server goes through but the socket.
-- Returns the status, a list of {name, value}, and the body.
function green.call_app(app, method, target, headers, body)
  local handle = handler_of(app)
  check_argument(2, "method", method, "string")
  check_argument(3, "target", target, "string")
  headers = headers == nil and {} or headers
  check_argument(4, "headers", headers, "table")
  for _, line in ipairs(headers) do
    check_argument(4, "header line", line, "string")
  end
  if body ~= nil then
    check_argument(5, "body", body, "string")
  end
  local exchange <close>, request = memory:open(method, target, headers, body)
  if request then
    deliver(exchange, xpcall(run_handler, with_trace, handle, request))
  end
  return exchange:response()
end

green.GreenWSGI = GreenWSGI

return GreenWSGI, handler_of, plain_answer_of, plain_thrown
