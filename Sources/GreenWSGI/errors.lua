-- Errors of handlers: told with the place and the limit they come of, and made into answers.
local green, native, parts = ...
local normalised, plain_answer, is_answer = parts.answers.normalised, parts.answers.plain, parts.answers.is_answer
local plain_thrown = parts.answers.of_thrown
local account, log, refusal, past_deadline = native.account, native.log, native.refusal, native.past_deadline
local traceback = debug and debug.traceback
local error, pcall, rawequal, tostring, type, xpcall = error, pcall, rawequal, tostring, type, xpcall

-- Calls f: true and its results, or false and what it raised with the place that came from, which is lost once the call
-- has been left. The error itself stays as it is, for what closes on its way. Its text can wait: nothing gives way in a
-- message handler, which is not called where memory or stack is out.
local function attempt(f, ...)
  local limit, place
  local function note(problem)
    local calls
    limit, calls = account(problem)
    place = calls or traceback and traceback("", 2) or ""
    return problem
  end
  local function outcome(ok, ...)
    if ok then
      return true, ...
    end
    local problem = ...
    return false, { problem = problem, limit = limit or (account(problem)), place = place }
  end
  return outcome(xpcall(f, note, ...))
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

-- Tells the exchange that the handler, or its stream, has failed.
local function fail(exchange, raised)
  if type(raised.problem) == "table" then
    local ok, again = attempt(plain_thrown, raised.problem)
    if ok then
      return exchange:fail(again)
    end
    raised = rawequal(again.problem, raised.problem) and raised or again
  end
  if rawequal(raised.problem, green.cancelled) or rawequal(raised.problem, green.timed_out) and past_deadline() then
    error(raised.problem, 0) -- it is the caller who is interrupted
  end
  return exchange:fail(raised.problem, trace_of(raised))
end

return { attempt = attempt, answer_to_error = answer_to_error, fail = fail }
