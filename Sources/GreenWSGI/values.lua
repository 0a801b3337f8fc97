-- What scripts give in place of apps and answers: told apart, and described in messages.
local green = ...
local getmetatable, setmetatable, type, wait = getmetatable, setmetatable, type, green.wait

-- The objects that GreenWSGI makes: no script can make one look like one.
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

-- A future among the answers is waited for.
local function settled(answer, ...)
  if type(answer) == "userdata" then
    return wait(answer)
  end
  return answer, ...
end

return { is_wsgi = is_wsgi, is_callable = is_callable, describe = describe, settled = settled }
