-- `require` in a sandbox: modules in the folders that the host names.
local check = require "support.check"
local green = require "green"
local equal, raises = check.equal, check.raises

check.fact("a module is loaded once, and has the script's globals", function()
  from_script = "seen"
  local module, place = require "plain"
  equal(module.seen, "seen")
  check.truthy(place:find("modules/plain.lua$"), place)
  equal(require "plain", module)
  equal(package.loaded.plain, module)
  equal(from_module, "planted")
end)

check.fact("a module may wait", function()
  equal(require "slow".loads, 1)
end)

check.fact("a module that several greens want is loaded once", function()
  local modules = green.gather {
    function() return require "slow" end, function() return require "slow" end, function() return require "slow" end,
  }
  equal(modules[1].loads, 1)
  equal(modules[2], modules[1])
  equal(modules[3], modules[1])
end)

check.fact("the next green loads what the first failed to load", function()
  attempts = 0
  local first = green.spawn(pcall, require, "second_time")
  local second = green.spawn(require, "second_time")
  equal(wait(first), false)
  equal(wait(second), "loaded")
  equal(attempts, 2)
end)

check.fact("a green that is cancelled while it loads is replaced", function()
  local first = green.spawn(require, "slow")
  green.sleep(0)
  local second = green.spawn(require, "slow")
  green.sleep(0)
  first:cancel()
  equal(wait(second).loads, 2)
  pcall(wait, first)
end)

check.fact("a circle of modules is an error that names it", function()
  local problem = raises("module 'circle_a' is being loaded already", require, "circle_a")
  check.truthy(tostring(problem):find("circle_b.lua:1:"), tostring(problem))
end)

check.fact("a circle of modules through two greens is an error", function()
  local a, b = green.spawn(pcall, require, "slow_circle_a"), green.spawn(pcall, require, "slow_circle_b")
  local a_loaded, a_problem = wait(a)
  local b_loaded, b_problem = wait(b)
  check.truthy(not (a_loaded and b_loaded))
  check.truthy((tostring(a_problem) .. tostring(b_problem)):find("is being loaded already"))
end)

check.fact("a folder's init.lua is the folder's module", function()
  equal(require "nested", "nested/init")
  equal(require "nested.part", "nested/part")
end)

check.fact("errors name the module and the file", function()
  raises("error loading module 'broken' from file '.*modules/broken.lua':\n\t.*broken.lua:1: ", require, "broken")
  raises("raising.lua:1: on purpose", require, "raising")
  raises("no 'not/there.lua' and no 'not/there/init.lua' in the module folders", require, "not.there")
  raises("bad argument #1 to 'require' %(string expected, got table%)", require, {})
  raises("bad argument #1 to 'require' %(string expected, got no value%)", require)
  raises("error loading module 'bytecode' from file", require, "bytecode")
end)

check.fact("a message is at the line that requires", function()
  local _, problem = pcall(function() require "nothing" end)
  check.truthy(problem:find("require.lua:%d+: module 'nothing' not found"), problem)
end)

check.fact("package.preload and package.loaded work", function()
  package.preload.made = function(name, place) return name .. place end
  equal(require "made", "made:preload:")
  package.loaded.made = nil
  package.preload.made = function() end
  equal(require "made", true)
  package.loaded.put = "there"
  equal(require "put", "there")
end)

check.fact("a failed module may be required again", function()
  raises("on purpose", require, "raising")
  raises("on purpose", require, "raising")
end)
