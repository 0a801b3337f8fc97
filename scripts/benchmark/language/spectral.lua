-- Floats in arrays, and a small function called for each: the spectral norm of the matrix 1 / (1 + (i+j)(i+j+1)/2 + i),
-- i and j from 0, by the power method.
local size <const> = 400

local function element(i, j)
  local diagonal = i + j
  return 1 / (1 + diagonal * (diagonal + 1) // 2 + i)
end

local function multiplied(vector)
  local product = {}
  for i = 1, size do
    local sum = 0
    for j = 1, size do sum = sum + element(i - 1, j - 1) * vector[j] end
    product[i] = sum
  end
  return product
end

local function multiplied_by_transposed(vector)
  local product = {}
  for i = 1, size do
    local sum = 0
    for j = 1, size do sum = sum + element(j - 1, i - 1) * vector[j] end
    product[i] = sum
  end
  return product
end

local function length(vector)
  local sum = 0
  for i = 1, size do sum = sum + vector[i] * vector[i] end
  return sum ^ 0.5
end

local start = os.clock()
local vector, norm = {}, 0
for i = 1, size do vector[i] = 1 end
for _ = 1, 50 do
  local image = multiplied(vector)
  norm = length(image) / length(vector)
  vector = multiplied_by_transposed(image)
  local scale = 1 / length(vector)
  for i = 1, size do vector[i] = vector[i] * scale end
end
assert(math.abs(norm - 1.2742) < 0.0001, norm)
print(1, os.clock() - start)
