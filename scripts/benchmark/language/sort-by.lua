-- table.sort with a comparator written in Lua: of integers the other way round, and of records by two fields.
local state = 42
local function random()
  state = (state * 1103515245 + 12345) & 0x7fffffff
  return state
end

local function descending(a, b) return a > b end

local function by_rank_and_name(a, b)
  if a.rank ~= b.rank then return a.rank < b.rank end
  return a.name < b.name
end

local start = os.clock()
for _ = 1, 4 do
  local integers, records = {}, {}
  for i = 1, 40000 do
    integers[i] = random()
    records[i] = { rank = random() % 500, name = "name" .. random() % 10000 }
  end
  table.sort(integers, descending)
  table.sort(records, by_rank_and_name)
  for i = 2, #integers do
    assert(integers[i - 1] >= integers[i])
    assert(not by_rank_and_name(records[i], records[i - 1]))
  end
end
print(1, os.clock() - start)
