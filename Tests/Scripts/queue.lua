local check = require "support.check"
local green = require "green"
local fact, main_fact = check.fact, check.main_fact

fact("values come out in the order they went in", function()
  local queue = green.Queue()
  for i = 1, 100 do
    check.equal(queue:put(i), true)
  end
  check.equal(queue.size, 100)
  for i = 1, 100 do
    check.equal(queue:get(), i)
  end
  check.equal(queue.size, 0)
end)

fact("values of every type but nil pass", function()
  local queue, list = green.Queue(), {}
  for _, value in ipairs { false, true, 1, 1.5, "text", list, print } do
    queue:put(value)
    check.equal(queue:get(), value)
  end
  check.raises("a value other than nil expected", queue.put, queue, nil)
end)

fact("get waits for a value, put for room", function()
  local queue, order = green.Queue(2), {}
  local putter = green.spawn(function()
    for i = 1, 5 do
      queue:put(i)
      order[#order + 1] = "p" .. i
    end
  end)
  check.settle()
  check.list(order, { "p1", "p2" })
  for i = 1, 5 do
    check.equal(queue:get(), i)
  end
  wait(putter)
  local getter = green.spawn(queue.get, queue)
  check.settle()
  queue:put("late")
  check.equal(wait(getter), "late")
end)

fact("those who wait are served in their order, and nobody overtakes them", function()
  local queue, greens = green.Queue(), {}
  for i = 1, 3 do
    greens[i] = green.spawn(function() return (queue:get()) end)
  end
  check.settle()
  queue:put("a")
  -- The value is promised to the first getter, though it has not run.
  check.list(table.pack(queue:get(0)), { nil, "timeout", n = 2 })
  queue:put("b")
  queue:put("c")
  check.list(green.gather(greens), { "a", "b", "c" })
end)

fact("room that is promised to a putter is not given to another", function()
  local queue = green.Queue(1)
  queue:put("first")
  local putter = green.spawn(function() return queue:put("second") end)
  check.settle()
  check.equal(queue:get(), "first")
  check.list(table.pack(queue:put("barging", 0)), { nil, "timeout", n = 2 })
  check.equal(wait(putter), true)
  check.equal(queue:get(), "second")
  check.equal(queue:put("after", 0), true)
end)

fact("timeouts of both sides answer nil and timeout", function()
  local queue = green.Queue(1)
  local start = green.now()
  check.list(table.pack(queue:get(2)), { nil, "timeout", n = 2 })
  queue:put(1)
  check.list(table.pack(queue:put(2, 3)), { nil, "timeout", n = 2 })
  check.equal(green.now() - start, 5.0)
  check.equal(queue:get(), 1)
  check.list(table.pack(queue:get(0)), { nil, "timeout", n = 2 })
end)

fact("a getter that timed out takes nobody's value", function()
  local queue = green.Queue()
  local one = green.spawn(function() return queue:get(1) end)
  local two = green.spawn(function() return queue:get(10) end)
  wait(one)
  queue:put("for two")
  check.equal(wait(two), "for two")
end)

fact("close lets getters take what is left, and then tells them", function()
  local queue = green.Queue()
  queue:put(1)
  queue:put(2)
  queue:close()
  check.equal(queue.closed, true)
  check.equal(queue:get(), 1)
  check.equal(queue:get(), 2)
  check.list(table.pack(queue:get()), { nil, "closed", n = 2 })
  check.list(table.pack(queue:put(3)), { nil, "closed", n = 2 })
  queue:close()
end)

fact("close wakes all who wait, on both sides", function()
  local queue = green.Queue(1)
  local getters = { green.spawn(queue.get, queue), green.spawn(queue.get, queue) }
  check.settle()
  queue:close()
  for _, getter in ipairs(getters) do
    check.list(table.pack(wait(getter)), { nil, "closed", n = 2 })
  end
  queue = green.Queue(1)
  queue:put("in")
  local putter = green.spawn(queue.put, queue, "out")
  check.settle()
  queue:close()
  check.list(table.pack(wait(putter)), { nil, "closed", n = 2 })
  check.equal(queue:get(), "in")
  check.list(table.pack(queue:get()), { nil, "closed", n = 2 })
end)

fact("close between a wake and its turn keeps the promise to the getter", function()
  local queue = green.Queue()
  local first = green.spawn(function() return queue:get() end)
  local second = green.spawn(function() return queue:get() end)
  check.settle()
  queue:put("promised")
  queue:close()
  check.equal(wait(first), "promised")
  check.list(table.pack(wait(second)), { nil, "closed", n = 2 })
end)

fact("close between a wake and its turn tells the putter", function()
  local queue = green.Queue(1)
  queue:put("a")
  local putter = green.spawn(function() return queue:put("b") end)
  check.settle()
  check.equal(queue:get(), "a")
  queue:close()
  check.list(table.pack(wait(putter)), { nil, "closed", n = 2 })
  check.equal(queue.size, 0)
end)

fact("a getter cancelled after its wake has its value, one cancelled before has none", function()
  local queue, got = green.Queue(), nil
  local early = green.spawn(function() return queue:get() end)
  local late = green.spawn(function()
    got = queue:get()
    green.sleep(1)
  end)
  check.settle()
  early:cancel()
  queue:put("x")
  late:cancel()
  check.raises("cancelled", wait, early)
  check.raises("cancelled", wait, late)
  check.equal(got, "x")
end)

fact("a cancelled putter's value is not put", function()
  local queue = green.Queue(1)
  queue:put(1)
  local putter = green.spawn(queue.put, queue, 2)
  check.settle()
  putter:cancel()
  check.raises("cancelled", wait, putter)
  check.equal(queue:get(), 1)
  check.equal(queue.size, 0)
  check.equal(queue:put(3, 0), true)
end)

fact("producers and consumers lose and double nothing", function()
  local queue, sum, consumers, producers = green.Queue(3), 0, {}, {}
  for i = 1, 4 do
    consumers[i] = green.spawn(function()
      for value in queue.get, queue do
        sum = sum + value
        green.sleep(value % 3)
      end
    end)
  end
  for i = 1, 5 do
    producers[i] = green.spawn(function()
      for j = 1, 50 do
        queue:put(j)
        if j % 7 == i then green.sleep(1) end
      end
    end)
  end
  green.gather(producers)
  queue:close()
  green.gather(consumers)
  check.equal(sum, 5 * 50 * 51 // 2)
end)

fact("a queue grows while it has wrapped around", function()
  local queue, taken = green.Queue(), 0
  local put = 0
  for _ = 1, 40 do
    for _ = 1, 7 do
      put = put + 1
      queue:put(put)
    end
    for _ = 1, 4 do
      taken = taken + 1
      check.equal(queue:get(), taken)
    end
  end
  check.equal(queue.size, put - taken)
  while taken < put do
    taken = taken + 1
    check.equal(queue:get(), taken)
  end
end)

fact("what is taken is held no longer", function()
  local queue, weak = green.Queue(), setmetatable({}, { __mode = "v" })
  weak[1] = {}
  queue:put(weak[1])
  collectgarbage()
  check.truthy(weak[1])
  queue:get()
  collectgarbage()
  check.equal(weak[1], nil)
end)

fact("arguments are checked", function()
  check.raises("whole number from 1 up", green.Queue, 0)
  check.raises("whole number from 1 up", green.Queue, 1.5)
  check.raises("whole number from 1 up", green.Queue, "5")
  local queue = green.Queue(1)
  check.equal(queue.limit, 1)
  check.equal(green.Queue().limit, nil)
  check.raises("number of seconds", queue.get, queue, "1")
  check.raises("Queue expected", queue.get, {})
  check.raises("cannot set field 'size'", function() queue.size = 1 end)
end)

main_fact("outside a green values are put and taken without waiting", function()
  local queue = green.Queue(1)
  check.equal(queue:put(1), true)
  check.raises("cannot wait on the main coroutine", queue.put, queue, 2)
  check.equal(queue:get(), 1)
  check.raises("cannot wait on the main coroutine", queue.get, queue)
end)
