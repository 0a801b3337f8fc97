-- What scripts see as GreenHttp: reads the client when it is first called. Reading it takes as long as all else that a
-- host does at its start, and many scripts never ask for anything.
local green, native, source, names = ...
local error, ipairs, load = error, ipairs, load

-- What the client finds as globals: those of now, whatever scripts or a sandbox make of them until it is read.
local globals = {}
for name, value in pairs(_G) do
  globals[name] = value
end

-- What `getmetatable` gives for the errors of requests.
green.HttpError = "HttpError"

-- Each chunk is given the `green` module, the natives, and what the chunks before it returned, by their names.
local function read()
  local parts = {}
  for _, name in ipairs(names) do
    -- Errors raised by `fault` name none of these chunks, but the script that called them: cgreen.h, CG_RAISE_AT.
    local chunk, problem = load(source(name), "=[GreenHttp/" .. name .. ".lua]", "t", globals)
    parts[name] = chunk and chunk(green, native, parts) or error(problem, 0)
  end
  return parts.http
end

local GreenHttp
return function(options)
  -- Where the limits of a green stop it in here, the next one starts afresh.
  GreenHttp = GreenHttp or read()
  return GreenHttp(options)
end
