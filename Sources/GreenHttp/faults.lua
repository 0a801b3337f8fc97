-- How mistakes are told: where the script made them, not where the client noticed.
local _, native = ...
local fault = native.fault

--- What requests raise: a table with `kind` and `message`, and what it is about. Where the kind is "invalid",
-- `where` is the script's "file:line".
-- Metatables of the client are protected: apps of one host share them. What `getmetatable` gives is the type's name.
local HttpError = { __name = "HttpError", __metatable = "HttpError" }

function HttpError:__tostring()
  return self.where and self.where .. ": " .. self.message or self.message
end

local function raise_error(problem)
  if problem.kind == "invalid" then
    local _, where = pcall(fault, "")
    problem.where = where:match("^(.+): $")
  end
  error(setmetatable(problem, HttpError), 0)
end

local function raise(kind, message, response)
  raise_error { kind = kind, message = message, response = response }
end

--- Makes methods say so when they are called with a dot. arguments: of those that take some, for the message.
local function want_colons(methods, metatable, name, arguments)
  local mark = metatable.__metatable
  for method, body in pairs(methods) do
    methods[method] = function(self, ...)
      if getmetatable(self) ~= mark then
        fault(("call it with a colon: %s:%s(%s)"):format(name, method, arguments and arguments[method] or ""))
      end
      return body(self, ...)
    end
  end
end

return { raise = raise, raise_error = raise_error, want_colons = want_colons }
