-- Greens that do not wait: they give way when their slice is over, wherever they are.
local check = require "support.check"
local green = require "green"
local fact = check.fact

-- Spins until told to end; `beats` counts how often others had their turn meanwhile.
local function beside(spin)
  local over, beats = false, 0
  local future = green.spawn(spin, function() return over end)
  local start = green.now()
  while green.now() - start < 0.05 or beats < 3 do
    green.sleep(0)
    beats = beats + 1
  end
  over = true
  local result = wait(future)
  check.truthy(beats >= 3, "others had " .. beats .. " turns")
  return result
end

fact("a loop gives way", function()
  check.equal(beside(function(is_over)
    local n = 0
    while not is_over() do n = n + 1 end
    return n > 0
  end), true)
end)

fact("a loop without a call gives way", function()
  local future = green.spawn(function() while true do end end)
  green.sleep(0)
  future:cancel()
  check.raises("cancelled", wait, future)
end)

fact("a loop inside pcall inside a loop gives way", function()
  check.equal(beside(function(is_over)
    while not is_over() do pcall(function() for _ = 1, 100 do end error("x") end) end
    return "through"
  end), "through")
end)

fact("a long list of numbers gives way, and may get elements whose __lt waits", function()
  local list, waits = {}, 0
  for i = 1, 300000 do list[i] = i * 7919 % 300007 end
  local sorting = green.spawn(table.sort, list)
  green.sleep(0) -- a slice of it
  local function key(x) return type(x) == "table" and x.key or x end
  local mt = { __lt = function(a, b)
    waits = waits + 1
    green.sleep(0)
    return key(a) < key(b)
  end }
  check.equal(sorting:done(), false)
  for i = 1, #list, 30000 do list[i] = setmetatable({ key = list[i] }, mt) end
  wait(sorting)
  check.truthy(waits > 0, "nothing waited")
  for i = 2, #list do
    if key(list[i - 1]) > key(list[i]) then error("no order at " .. i) end
  end
end)

fact("what others write into a list of floats that is being sorted is not lost", function()
  -- Round ones differ in their highest bits only.
  for value = 1024, 1032 do
    local list = {}
    for i = 1, 200000 do list[i] = (i * 7919 % 300007) * 64.0 end
    local sorting = green.spawn(table.sort, list)
    green.sleep(0) -- a slice of it
    check.equal(sorting:done(), false)
    list[7] = value * 2.0 ^ 40
    wait(sorting)
    check.equal(list[#list], value * 2.0 ^ 40)
  end
end)

fact("a long list whose sort is broken off has its elements", function()
  local list, sum = {}, 0
  for i = 1, 300000 do list[i] = i * 7919 % 300007 sum = sum + list[i] end
  local sorting = green.spawn(table.sort, list)
  green.sleep(0) -- a slice of it
  check.equal(sorting:done(), false)
  sorting:cancel()
  check.equal(pcall(wait, sorting), false)
  for i = 1, #list do sum = sum - list[i] end
  check.equal(sum, 0)
end)

fact("a script's own coroutine gives way, and its yields stay its own", function()
  check.equal(beside(function(is_over)
    local seen = {}
    local generator = coroutine.wrap(function()
      for i = 1, 3 do
        local start = green.now()
        while green.now() - start < 0.015 do end
        coroutine.yield(i)
      end
      while not is_over() do end
      return "end"
    end)
    for i = 1, 4 do seen[i] = tostring(generator()) end
    return table.concat(seen, " ")
  end), "1 2 3 end")
end)

fact("coroutines in coroutines give way", function()
  check.equal(beside(function(is_over)
    local function deep(n)
      if n == 0 then
        while not is_over() do end
        return "deepest"
      end
      local _, value = coroutine.resume(coroutine.create(deep), n - 1)
      return value
    end
    return deep(20)
  end), "deepest")
end)

fact("metamethods and iterators give way", function()
  check.equal(beside(function(is_over)
    local t = setmetatable({}, { __index = function() while not is_over() do end return "found" end })
    for value in function(_, before) return not before and t.x or nil end do
      return value
    end
  end), "found")
end)

fact("a timeout ends what computes", function()
  check.raises("timeout", green.timeout, 0.03, function() while true do end end)
end)

fact("a timeout ends what computes in a script's coroutine", function()
  check.raises("timeout", green.timeout, 0.03, function()
    coroutine.wrap(function() coroutine.wrap(function() while true do end end)() end)()
  end)
end)

fact("what computes can catch its cancellation and clean up", function()
  local cleaned = false
  local future = green.spawn(function()
    local ok, err = pcall(function() while true do end end)
    green.sleep(0.01)
    cleaned = true
    error(err, 0)
  end)
  green.sleep(0)
  future:cancel()
  check.raises("cancelled", wait, future)
  check.equal(cleaned, true)
end)

fact("xpcall's handler sees a timeout that computing is ended by", function()
  local ok, handled = xpcall(green.timeout, function(err) return "handled " .. tostring(err) end, 0.03, function()
    while true do end
  end)
  check.equal(ok, false)
  check.equal(handled, "handled timeout")
end)

fact("xpcall's handler may itself compute for long, and wait", function()
  local ok, handled = xpcall(function()
    green.timeout(0.03, function()
      return xpcall(function() while true do end end, function(err)
        local start = green.now()
        while green.now() - start < 0.03 do end
        green.sleep(0.01)
        error(err, 0)
      end)
    end)
  end, function(err) return err end)
  check.equal(ok, true)
end)
