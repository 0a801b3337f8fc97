-- Errors of handlers: told with the place and the limit they come of, and made into answers.
local green, native, parts = ...
local normalised, plain_answer, is_answer = parts.answers.normalised, parts.answers.plain, parts.answers.is_answer
local plain_thrown = parts.answers.of_thrown
local account, log, refusal, past_deadline = native.account, native.log, native.refusal, native.past_deadline
local traceback = debug and debug.traceback
local error, pcall, rawequal, tostring, type, xpcall = error, pcall, rawequal, tostring, type, xpcall

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

return { with_trace = with_trace, raised_of = raised_of, answer_to_error = answer_to_error, fail = fail }
