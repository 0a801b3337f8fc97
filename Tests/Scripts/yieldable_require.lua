-- `require` of modules that wait while they are loaded, and of one module by several greens.
local check = require "support.check"
local green = require "green"
local fact = check.fact

-- A module `name` whose body is `body`; how often it ran is in the list answered.
local function module(name, body)
  local runs = {}
  package.preload[name] = function(...)
    runs[#runs + 1] = green.now()
    return body(...)
  end
  return runs
end

fact("a module waits at its top level", function()
  module("waits", function(name)
    green.sleep(3)
    return { name = name }
  end)
  local start = green.now()
  check.equal(require("waits").name, "waits")
  check.equal(green.now() - start, 3.0)
  require "waits"
  check.equal(green.now() - start, 3.0)
end)

fact("a searcher waits", function()
  table.insert(package.searchers, 1, function(name)
    green.sleep(1)
    return name == "conjured" and function(_, extra) return extra end or nil, "extra"
  end)
  local value, extra = require "conjured"
  table.remove(package.searchers, 1)
  check.list({ value, extra }, { "extra", "extra" })
end)

fact("several greens that want one module load it once, and get it whole", function()
  local runs = module("shared", function(name)
    local made = {}
    package.loaded[name] = made
    green.sleep(2)
    made.whole = true
    return made
  end)
  local greens = {}
  for i = 1, 5 do
    greens[i] = green.spawn(function()
      green.sleep(i % 3)
      local made = require "shared"
      check.equal(made.whole, true)
      return made
    end)
  end
  local all = green.gather(greens)
  for i = 2, 5 do
    check.equal(all[i], all[1])
  end
  check.equal(#runs, 1)
end)

fact("where loading fails the next green that waited tries, and each gets its own error", function()
  local runs = module("fails", function()
    green.sleep(1)
    error("broken", 0)
  end)
  local greens = {}
  for i = 1, 3 do
    greens[i] = green.spawn(function() return select(2, pcall(require, "fails")) end)
  end
  check.list(green.gather(greens), { "broken", "broken", "broken" })
  check.equal(#runs, 3)
end)

fact("a green that is cancelled while it loads leaves the module to the next", function()
  local runs = module("abandoned", function()
    green.sleep(2)
    return "made"
  end)
  local first = green.spawn(require, "abandoned")
  local second = green.spawn(require, "abandoned")
  green.sleep(1)
  first:cancel()
  check.equal(green.wait(second), "made")
  check.equal(#runs, 2)
end)

fact("a green that is cancelled while it waits for another's module harms nobody", function()
  local runs = module("slow", function()
    green.sleep(3)
    return "made"
  end)
  local first = green.spawn(require, "slow")
  local second = green.spawn(require, "slow")
  green.sleep(1)
  second:cancel()
  check.raises("cancelled", green.wait, second)
  check.equal(green.wait(first), "made")
  check.equal(require "slow", "made")
  check.equal(#runs, 1)
end)

fact("two greens whose modules want one another do not wait for ever", function()
  module("east", function(name)
    local made = { name = name }
    package.loaded[name] = made
    green.sleep(1)
    made.other = require "west"
    return made
  end)
  module("west", function(name)
    green.sleep(1)
    return { name = name, other = require "east" }
  end)
  local east, west = green.spawn(require, "east"), green.spawn(require, "west")
  check.equal(green.wait(west).other, green.wait(east))
  check.equal(green.wait(east).other, green.wait(west))
end)

fact("a loop of modules in two greens is an error where none gave itself away", function()
  for _, names in ipairs { { "up", "down" }, { "down", "up" } } do
    module(names[1], function()
      green.sleep(1)
      return { require(names[2]) }
    end)
  end
  local up, down = green.spawn(require, "up"), green.spawn(require, "down")
  local results = {}
  for i, future in ipairs { up, down } do
    results[i] = tostring(select(2, pcall(green.wait, future)))
  end
  check.truthy(table.concat(results, "; "):find("is being loaded by a green that waits for a module", 1, true), results[1])
end)

fact("a module that requires itself without end is an error, also when it waits", function()
  module("endless", function(name)
    green.sleep(1)
    return require(name)
  end)
  check.raises("module 'endless' requires itself without end", require, "endless")
end)

fact("a module may yield to the coroutine that requires it", function()
  module("generates", function()
    coroutine.yield("from the module")
    return "the module"
  end)
  local co = coroutine.wrap(function() return (require "generates") end)
  check.equal(co(), "from the module")
  check.equal(co(), "the module")
end)
