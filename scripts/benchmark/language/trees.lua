-- Small tables made and dropped: full binary trees, counted, beside one that stays; the collector is counted as well.
local function tree(depth)
  if depth == 0 then return {} end
  return { left = tree(depth - 1), right = tree(depth - 1) }
end

local function count(node)
  if not node.left then return 1 end
  return 1 + count(node.left) + count(node.right)
end

local start = os.clock()
local kept = tree(17)
for depth = 4, 17 do
  for _ = 1, 2 ^ (17 - depth) do assert(count(tree(depth)) == 2 ^ (depth + 1) - 1) end
end
assert(count(kept) == 262143)
collectgarbage()
print(1, os.clock() - start)
