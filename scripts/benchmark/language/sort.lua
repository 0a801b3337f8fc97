-- table.sort without a comparator: integers, floats and strings, in no order and in order.
local state = 42
local function random()
  state = (state * 1103515245 + 12345) & 0x7fffffff
  return state
end

local function check(list)
  for i = 2, #list do assert(list[i - 1] <= list[i]) end
end

local start = os.clock()
for _ = 1, 4 do
  local integers, floats, strings = {}, {}, {}
  for i = 1, 40000 do
    integers[i] = random()
    floats[i] = random() / 1024
    strings[i] = "key" .. random()
  end
  for _, list in ipairs { integers, floats, strings } do
    table.sort(list)
    check(list)
    table.sort(list)
  end
end
print(1, os.clock() - start)
