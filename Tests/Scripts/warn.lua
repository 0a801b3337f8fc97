-- warn() and Lua's own warnings go to the log.
local check = require "support.check"
local green = require "green"
local fact = check.fact

fact("a warning names its green", function()
  warn("the disk ", "is ", "full")
  check.equal(harness:log(), "warning in " .. green.current().name .. ": the disk is full")
end)

check.main_fact("outside of any green a warning stands alone", function()
  warn("careful")
  check.equal(harness:log(), "warning: careful")
end)

fact("@off and @on are heeded", function()
  warn("@off")
  warn("unheard")
  check.equal(harness:log(), "")
  warn("@on")
  warn("heard")
  check.truthy(harness:log():find("heard$"))
end)

fact("only a warning of one piece is a control message", function()
  warn("@", "off")
  check.truthy(harness:log():find(": @off$"))
  warn("@nothing known")
  check.equal(harness:log(), "")
  warn("heard")
  check.truthy(harness:log():find("heard$"))
end)

fact("an error in a finalizer is a warning", function()
  setmetatable({}, { __gc = function() error("in the finalizer", 0) end })
  collectgarbage()
  local log = harness:log()
  check.truthy(log:find("error in __gc", 1, true), log)
  check.truthy(log:find("in the finalizer", 1, true), log)
end)

fact("a warning that is very long is cut", function()
  warn(("x"):rep(100000))
  local log = harness:log()
  check.truthy(#log > 1000 and #log < 3000, #log)
end)

fact("warn takes strings only", function()
  check.raises("string expected, got table", warn, "a", {})
  check.equal(harness:log(), "")
end)
