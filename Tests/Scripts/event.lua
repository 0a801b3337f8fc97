local check = require "support.check"
local green = require "green"
local fact, main_fact = check.fact, check.main_fact

fact("an event starts unset, is set and cleared", function()
  local event = green.Event()
  check.equal(event:is_set(), false)
  event:set()
  check.equal(event:is_set(), true)
  event:set()
  check.equal(event:is_set(), true)
  event:clear()
  check.equal(event:is_set(), false)
end)

fact("a set event is not waited for", function()
  local event = green.Event()
  event:set()
  local before = harness:turns()
  check.equal(event:wait(), true)
  check.equal(harness:turns(), before)
end)

fact("set wakes all who wait, in their order", function()
  local event, order, greens = green.Event(), {}, {}
  for i = 1, 5 do
    greens[i] = green.spawn(function()
      check.equal(event:wait(), true)
      order[#order + 1] = i
    end)
  end
  check.settle()
  check.list(order, {})
  event:set()
  green.gather(greens)
  check.list(order, { 1, 2, 3, 4, 5 })
end)

fact("those woken are free even when the event is cleared before they run", function()
  local event = green.Event()
  local waiter = green.spawn(event.wait, event)
  check.settle()
  event:set()
  event:clear()
  check.equal(wait(waiter, { timeout = 1 }), true)
  check.list(table.pack(event:wait(1)), { nil, "timeout", n = 2 })
end)

fact("a timeout answers nil and timeout", function()
  local event, start = green.Event(), green.now()
  check.list(table.pack(event:wait(2.5)), { nil, "timeout", n = 2 })
  check.equal(green.now() - start, 2.5)
  check.list(table.pack(event:wait(0)), { nil, "timeout", n = 2 })
  event:set()
  check.equal(event:wait(0), true)
end)

fact("a cancelled waiter leaves the others alone", function()
  local event = green.Event()
  local one, two = green.spawn(event.wait, event), green.spawn(event.wait, event)
  check.settle()
  one:cancel()
  event:set()
  check.raises("cancelled", wait, one)
  check.equal(wait(two), true)
end)

fact("a waiter that waits again in its turn is not woken twice", function()
  local event, rounds = green.Event(), 0
  local waiter = green.spawn(function()
    while event:wait(5) do
      rounds = rounds + 1
      event:clear()
    end
  end)
  check.settle()
  event:set()
  wait(waiter)
  check.equal(rounds, 1)
end)

main_fact("outside a green an event can be set but not waited for", function()
  local event = green.Event()
  check.raises("cannot wait on the main coroutine", event.wait, event)
  event:set()
  check.equal(event:wait(), true)
end)

fact("methods check what they are called on", function()
  local event = green.Event()
  for _, name in ipairs { "set", "clear", "is_set", "wait" } do
    check.raises("Event expected, got table", event[name], {})
  end
end)
