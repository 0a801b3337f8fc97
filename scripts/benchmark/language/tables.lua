-- Functions of `table` that Greenhouse replaces: insert and remove at the end and further in, concat, unpack, move.
local start = os.clock()
local sum = 0
for _ = 1, 12 do
  local list = {}
  for i = 1, 100000 do table.insert(list, i) end
  for _ = 1, 20 do table.insert(list, 50, 7) end
  assert(#table.concat(list, ",") > 500000)
  for _ = 1, 20 do table.remove(list, 50) end
  for i = 1, 90000, 3 do
    local a, b, c = table.unpack(list, i, i + 2)
    sum = sum + a + b + c
  end
  local moved = table.move(list, 1, #list, 1, {})
  assert(#moved == 100000)
  while #list > 0 do sum = sum + table.remove(list) end
end
assert(sum > 1e10)
print(1, os.clock() - start)
