-- Tracebacks go through script-made coroutines, and back to who spawned the green.
local check = require "support.check"
local green = require "green"
local fact = check.fact

-- The log after a failure that nobody looked at.
local function log_of(fn)
  green.spawn(fn)
  check.settle()
  collectgarbage()
  collectgarbage()
  return harness:log()
end

-- The texts stand in this order.
local function in_order(text, parts)
  local from = 1
  for _, part in ipairs(parts) do
    local first, last = text:find(part, from, true)
    check.truthy(first, ("%q in its place of\n%s"):format(part, text))
    from = last + 1
  end
end

local function culprit() error("from the inside") end

fact("an error out of a wrapped coroutine shows the calls inside it, then those that resumed it", function()
  local log = log_of(function()
    local function resumer() coroutine.wrap(function() culprit() end)() end
    resumer()
  end)
  in_order(log, { "from the inside", "stack traceback:", "in upvalue 'culprit'", "resumed by:", "'resumer'" })
end)

fact("an error through several coroutines shows each, innermost first", function()
  local log = log_of(function()
    local function inner() coroutine.wrap(function() culprit() end)() end
    local function outer() coroutine.wrap(function() inner() end)() end
    outer()
  end)
  in_order(log, { "stack traceback:", "'culprit'", "resumed by:", "'inner'", "resumed by:", "'outer'" })
end)

fact("an error that resume gave, raised again, shows where it came from", function()
  local log = log_of(function()
    assert(coroutine.resume(coroutine.create(function() culprit() end)))
  end)
  in_order(log, { "stack traceback:", "'culprit'", "resumed by:", "in function 'assert'" })
end)

fact("an error value that is a table shows where it came from", function()
  local log = log_of(function()
    coroutine.wrap(function()
      local function raiser() error({ message = "a table" }) end
      raiser()
    end)()
  end)
  in_order(log, { "a table", "stack traceback:", "in local 'raiser'", "resumed by:" })
end)

fact("an error that was caught leaves nothing in the traceback of another", function()
  local log = log_of(function()
    pcall(coroutine.wrap(function() culprit() end))
    error("another one")
  end)
  check.equal(log:find("culprit", 1, true), nil, log)
  check.equal(log:find("resumed by", 1, true), nil, log)
  in_order(log, { "another one", "stack traceback:" })
end)

fact("a coroutine that cannot be resumed from inside itself is no circle", function()
  local log = log_of(function()
    local co
    co = coroutine.wrap(function() co() end)
    co()
  end)
  in_order(log, { "cannot resume non-suspended coroutine", "stack traceback:" })
  check.equal(select(2, log:gsub("resumed by", "")), 1, log)
end)

fact("calls without end inside a coroutine are cut", function()
  local log = log_of(function()
    coroutine.wrap(function()
      local function deeper(n) return 1 + deeper(n + 1) end
      return deeper(1)
    end)()
  end)
  in_order(log, { "stack overflow", "stack traceback:", "'deeper'", "resumed by:" })
  check.truthy(#log < 8000, #log)
end)

fact("a green that waits in a coroutine shows its calls, then those that resumed it", function()
  green.spawn(function()
    local function sleeper() green.sleep(1) end
    local function resumer() coroutine.wrap(function() sleeper() end)() end
    resumer()
  end)
  check.settle()
  in_order(green.list { traceback = true }[2].traceback, {
    "stack traceback:", "in upvalue 'sleeper'", "resumed by:", "in local 'resumer'", "spawned by",
  })
end)

fact("the traceback ends with who spawned the green, and where its function is", function()
  local line = debug.getinfo(1, "l").currentline + 1
  local log = log_of(function() culprit() end)
  in_order(log, { "stack traceback:", "spawned by " .. green.current().name .. " (function defined at " })
  check.truthy(log:find(("tracebacks.lua:%d)"):format(line), 1, true), log)
end)

fact("what waited and then failed in a coroutine shows the calls inside it", function()
  green.spawn(function()
    coroutine.wrap(function()
      green.sleep(1)
      culprit()
    end)()
  end)
  green.sleep(2)
  collectgarbage()
  collectgarbage()
  in_order(harness:log(), { "stack traceback:", "in upvalue 'culprit'", "resumed by:" })
end)

check.fact("a future tells where its green failed", function()
  local function fails()
    error "x"
  end
  local future = green.spawn(function() fails() end)
  check.equal(future:traceback(), nil)
  pcall(wait, future)
  check.truthy(future:traceback():find("in upvalue 'fails'", 1, true))
  local outer = green.spawn(function() wait(future) end)
  pcall(wait, outer)
  check.truthy(outer:traceback():find("in green %d+:.*in upvalue 'fails'"))
  check.equal(green.spawn(function() return 1 end):traceback(), nil)
end)

check.fact("a caught failure is not told with an error of one's own", function()
  local other = green.spawn(function()
    pcall(wait, green.spawn(error, "first"))
    error "second"
  end)
  pcall(wait, other)
  check.truthy(not other:traceback():find("in green", 1, true))
end)

fact("of deep stacks the inner calls are shown", function()
  local function fall(n)
    if n == 0 then return debug.traceback("deep") end
    local text = fall(n - 1)
    return text
  end
  local text = fall(100000)
  check.truthy(text:find("^deep\nstack traceback:\n\t.-tracebacks.lua:%d+: in "), text)
  check.truthy(text:find("of more than 1000 calls the outer ones are not shown", 1, true), text)
  check.equal(select(2, text:gsub("\n\t", "")), 21)
  local inside = coroutine.create(function() local function down(n) if n > 0 then down(n - 1) else coroutine.yield() end end down(5000) end)
  coroutine.resume(inside)
  check.truthy(debug.traceback(inside):find("^stack traceback:\n\t"), debug.traceback(inside))
  check.equal(debug.traceback(inside, 5), "5\n" .. debug.traceback(inside))
  local value = {}
  check.equal(debug.traceback(inside, value), value)
end)
