-- GreenWSGI: puts an app behind one function of a request, and runs it for a server or for `green.call_app`.
local green, native, parts = ...
local GreenPool, memory, fault = green.GreenPool, native.memory, native.fault
local is_wsgi, is_callable, describe = parts.values.is_wsgi, parts.values.is_callable, parts.values.describe
local settled, normalised, plain_answer = parts.values.settled, parts.answers.normalised, parts.answers.plain
local is_data = parts.answers.is_data
local chain, middleware_of = parts.middleware.chain, parts.middleware.middleware_of
local attempt, answer_to_error, fail = parts.errors.attempt, parts.errors.answer_to_error, parts.errors.fail
local ipairs, setmetatable, table, type = ipairs, setmetatable, table, type

-- Protected, as apps of one host share it.
local WSGI = { __name = "GreenWSGI", __metatable = "GreenWSGI" }

-- Of a table that is no response: what is said of it without middleware, too.
local function answer_of_data(request, answer)
  if is_data(answer) then
    local problem = "the answer is a table without status, headers and body (to send data, encode it: as JSON, say)"
    return answer_to_error(request, { problem = problem })
  end
end

-- With response middleware, also answers that come of errors go through it.
local function with_response_middleware(answer_of, list)
  local function answer(request)
    return settled(answer_of(request))
  end
  return function(request)
    local results = table.pack(attempt(answer, request))
    local response
    if not results[1] then
      response = answer_to_error(request, results[2])
    elseif results[2] == nil then
      response = normalised(plain_answer(request, 404, {}))
    else
      response = answer_of_data(request, results[2])
        or normalised(table.unpack(results, 2, results.n))
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
    fault("GreenWSGI runs in a GreenPool; got " .. describe(pool) .. " in its place")
  end
  self.pool = pool or pool == nil and GreenPool() or nil
  if is_callable(response_middleware) then
    response_middleware = { response_middleware }
  end
  self.response_middleware = response_middleware or {}
  for _, part in ipairs(self.response_middleware) do
    if not is_callable(part) then
      fault("response middleware is a function or a list of functions; got " .. describe(part))
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

-- Tells the exchange how the handler's run ended; a stream that begins with that is run to its end.
local function deliver(exchange, ok, ...)
  if not ok then
    return fail(exchange, ...)
  end
  local function run(stream, ...)
    if stream then
      return deliver(exchange, attempt(stream, ...))
    end
  end
  return run(exchange:answer(...))
end

local function run_handler(handle, request)
  return settled(handle(request))
end

local function check_argument(position, what, value, expected)
  if type(value) ~= expected then
    fault(("bad argument #%d to 'call_app' (%s: %s expected, got %s)"):format(position, what, expected, type(value)))
  end
end

-- The lines of a list of "Name: value", and of a table of values by their names.
local function header_lines(headers)
  local lines = {}
  for _, line in ipairs(headers) do
    check_argument(4, "header line", line, "string")
    lines[#lines + 1] = line
  end
  for name, value in pairs(headers) do
    if type(name) == "string" then
      check_argument(4, "header " .. name, value, "string")
      lines[#lines + 1] = name .. ": " .. value
    end
  end
  return lines
end

--- call_app(app, method, target [, headers [, body]]): one request to an app without a server.
-- app: anything that GreenWSGI takes, or what it returned. headers: a list of "Name: value", or a table of values by
-- their names. body: a string.
-- It runs in the calling green, through all that a request to a server goes through but the socket.
-- Returns the status, a list of {name, value}, and the body.
function green.call_app(app, method, target, headers, body)
  local handle = handler_of(app)
  check_argument(2, "method", method, "string")
  check_argument(3, "target", target, "string")
  headers = headers == nil and {} or headers
  check_argument(4, "headers", headers, "table")
  headers = header_lines(headers)
  if body ~= nil then
    check_argument(5, "body", body, "string")
  end
  local exchange <close>, request = memory:open(method, target, headers, body)
  if request then
    deliver(exchange, attempt(run_handler, handle, request))
  end
  return exchange:response()
end

green.GreenWSGI = GreenWSGI

return handler_of
