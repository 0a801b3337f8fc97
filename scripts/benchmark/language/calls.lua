-- Functions of the base library that Greenhouse replaces, called often: ipairs, pairs, tostring, pcall, xpcall, select.
local function added(a, b) return a + b end
local function handler(message) return message end

local list = {}
for i = 1, 100 do list[i] = i end

local start = os.clock()
local sum = 0
for round = 1, 25000 do
  for i, value in ipairs(list) do sum = sum + i + value end
  for _, value in pairs(list) do sum = sum + value end
  for i = 1, 100 do
    local _, result = pcall(added, i, round)
    sum = sum + result + #tostring(i)
  end
  for i = 1, 20 do
    local _, result = xpcall(added, handler, i, round)
    if not pcall(error, "caught") then sum = sum + result end
    sum = sum + select("#", i, result, round)
  end
end
assert(sum > 1e8)
print(1, os.clock() - start)
