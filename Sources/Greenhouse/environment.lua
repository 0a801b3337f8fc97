-- Sets a sandbox up: what the globals of the host offer, and globals for each script. Runs once in a state, when all
-- that scripts share has been installed; gives a function that makes the globals of one script.
local sandbox, green, open_json, read_module, folders, is_strict = ...
local shared = _G
local error, load, next, pairs, rawget, setmetatable, tostring, type =
  error, load, next, pairs, rawget, setmetatable, tostring, type
local current, Event = green.current, green.Event
local unavailable = sandbox.unavailable

---------------------------------------------------------------------------------------------------------------------
-- What all scripts find.

-- What the standard libraries have (manual 6) and this host does not: so that calling it says why.
local standard = {
  _G = "dofile loadfile",
  debug = "debug gethook getinfo getlocal getmetatable getregistry getupvalue getuservalue sethook setlocal "
    .. "setmetatable setupvalue setuservalue traceback upvalueid upvaluejoin",
  io = "close flush input lines open output popen read tmpfile type write",
  os = "clock date difftime execute exit getenv remove rename setlocale time tmpname",
  string = "dump",
}

shared.green = green
shared.setmetatable = sandbox.setmetatable
shared.collectgarbage = sandbox.collectgarbage
-- They would run files with the host's globals; and bytecode can break Lua.
shared.dofile, shared.loadfile = nil, nil
if shared.string then
  shared.string.dump = nil
end
for library, names in pairs(standard) do
  local functions = library == "_G" and shared or shared[library] or {}
  local prefix = library == "_G" and "" or library .. "."
  for name in names:gmatch("%S+") do
    functions[name] = functions[name] or unavailable(prefix .. name)
  end
  shared[library] = functions
end
sandbox.protect()

-- Put into each script's globals at once: looking there is fastest. The rest is found when it is first used.
local frequent = {}
for name, value in pairs(shared) do
  if type(value) == "function" then
    frequent[name] = true
  end
end

---------------------------------------------------------------------------------------------------------------------
-- `require`, for the globals of one script: its modules have the same globals, and are no other script's.

local libraries = { coroutine = true, debug = true, green = true, io = true, math = true, os = true, string = true,
  table = true, utf8 = true }

-- At the line of the script that requires.
local function fail(message)
  error(sandbox.where() .. message, 0)
end

-- package.loaded has the script's libraries from the start.
local function loaded_of(globals)
  return setmetatable({ _G = globals }, {
    __metatable = false,
    __index = function(_, name)
      if libraries[name] and shared[name] ~= nil then
        return globals[name]
      end
    end,
  })
end

local function not_found(name)
  if #folders == 0 then
    return ("module '%s' not found: this host has no module folders"):format(name)
  elseif not name:find("^[%w_-]+$") and (name:find("[^%w_.-]") or ("." .. name .. "."):find("..", 1, true)) then
    return ("module '%s' not found: expected a name of letters, digits, '_' and '-', with single dots between folders")
      :format(name)
  end
  local path = name:gsub("%.", "/")
  return ("module '%s' not found: no '%s.lua' and no '%s/init.lua' in the module folders of this host")
    :format(name, path, path)
end

-- The function of a module's file and the file's name; nil without one.
local function find_file(name, globals)
  if ("." .. name .. "."):find("..", 1, true) or name:find("[^%w_.-]") then
    return nil
  end
  local path = name:gsub("%.", "/")
  for i = 1, #folders do
    for _, ending in next, { ".lua", "/init.lua" } do
      local text, file = read_module(folders[i], path .. ending)
      if text then
        local chunk, problem = load(text, "@" .. file, "t", globals)
        if not chunk then
          fail(("error loading module '%s' from file '%s':\n\t%s"):format(name, file, problem))
        end
        return chunk, file
      elseif file then
        fail(("module '%s': %s"):format(name, file))
      end
    end
  end
end

-- Whether a green waits, perhaps through others, for what another one loads.
local function waits_for(loading, waiting, owner)
  while loading do
    if loading.owner == owner then
      return true
    end
    loading = waiting[loading.owner]
  end
  return false
end

local function end_loading(loading)
  if loading.all[loading.name] == loading then
    loading.all[loading.name] = nil
  end
  loading.event:set()
end

local loading_metatable = { __close = end_loading }

-- Waits until no other green loads the module.
local function wait_for_others(all, waiting, name)
  local owner = current() or "host"
  while all[name] do
    local other = all[name]
    if waits_for(other, waiting, owner) then
      fail(("module '%s' is being loaded already, and what it requires requires it"):format(name))
    end
    waiting[owner] = other
    -- Stopped, a green cannot say so: then nobody sets the event.
    other.event:wait(1)
    waiting[owner] = nil
    if all[name] == other and other.owner ~= "host" and other.owner.state == "ended" then
      all[name] = nil
    end
  end
end

-- The C module writes all of a value in one step that nothing ends, and a few tables that are in each other may stand for
-- any number of values. So they are counted before, here, where slices and limits hold.
local most_written, deepest_written = 1000000, 1000

local function weigh(value, weight, depth)
  if type(value) == "string" then
    return weight + #value // 16
  elseif type(value) == "table" and depth <= deepest_written then -- deeper the module itself refuses
    for key, item in next, value do
      weight = weigh(item, weigh(key, weight + 1, depth), depth + 1)
      if weight > most_written then
        return weight
      end
    end
  end
  return weight
end

local function bounded_json(module, is_safe)
  local encode, new = module.encode, module.new
  function module.encode(...)
    if weigh((...), 0, 0) > most_written then
      local message = "cannot serialise more than 1,000,000 values, or 16 MB of text, at once"
      if is_safe then
        return nil, message
      end
      fail(message)
    end
    return encode(...)
  end
  function module.new()
    return bounded_json(new(), is_safe)
  end
  return module
end

local function package_of(globals)
  local loaded, preload, all, waiting = loaded_of(globals), {}, {}, setmetatable({}, { __mode = "k" })
  local function load_module(name)
    wait_for_others(all, waiting, name)
    local value, place = loaded[name], nil
    if value ~= nil then
      return value
    end
    local loading <close> =
      setmetatable({ name = name, all = all, owner = current() or "host", event = Event() }, loading_metatable)
    all[name] = loading
    local loader = rawget(preload, name)
    if loader ~= nil then
      value, place = loader(name, ":preload:"), ":preload:"
    else
      if name == "cjson" or name == "cjson.safe" then
        local is_safe = name == "cjson.safe"
        value = bounded_json(open_json(is_safe), is_safe) -- the script's own: the module has settings
      else
        loader, place = find_file(name, globals)
        if not loader then
          fail(not_found(name))
        end
        value = loader(name, place)
      end
    end
    if value ~= nil then
      loaded[name] = value
    elseif loaded[name] == nil then
      loaded[name] = true
    end
    return loaded[name], place
  end
  local package = {
    loaded = loaded, preload = preload, config = "/\n;\n?\n!\n-\n", path = "", cpath = "",
    loadlib = unavailable "package.loadlib", searchpath = unavailable "package.searchpath",
  }
  loaded.package = package
  return package, function(name)
    if type(name) == "number" then
      name = tostring(name)
    elseif type(name) ~= "string" then
      fail(("bad argument #1 to 'require' (string expected, got %s)"):format(name == nil and "no value" or type(name)))
    end
    local value = loaded[name]
    if value ~= nil then
      return value
    end
    return load_module(name)
  end
end

---------------------------------------------------------------------------------------------------------------------
-- The globals of a script. With strict ones each needs to know which have been assigned nil.

local metatable = not is_strict and sandbox.closed_metatable(shared) or nil

return function()
  local globals = {}
  for name in next, frequent do
    globals[name] = shared[name]
  end
  globals._G, globals.load = globals, sandbox.loader(globals, load)
  globals.package, globals.require = package_of(globals)
  return setmetatable(globals, metatable or sandbox.closed_metatable(shared, {}))
end
