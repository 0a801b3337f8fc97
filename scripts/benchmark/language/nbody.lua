-- Floats in the fields of tables: six bodies that attract each other, moved by half kicks and drifts.
local bodies = {
  { x = 0, y = 0, z = 0, vx = 0, vy = 0, vz = 0, mass = 1000 },
  { x = 10, y = 0, z = 0, vx = 0, vy = 10, vz = 0, mass = 1 },
  { x = 0, y = 20, z = 0, vx = -7, vy = 0, vz = 0.5, mass = 2 },
  { x = -35, y = 0, z = 1, vx = 0, vy = -5.3, vz = 0, mass = 0.5 },
  { x = 0, y = -50, z = 0, vx = 4.5, vy = 0, vz = -0.2, mass = 3 },
  { x = 60, y = 30, z = -2, vx = -1.7, vy = 3.4, vz = 0.1, mass = 0.1 },
}

local function kick(span)
  for i = 1, #bodies - 1 do
    local a = bodies[i]
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = b.x - a.x, b.y - a.y, b.z - a.z
      local squared = dx * dx + dy * dy + dz * dz
      local pull = span / (squared * squared ^ 0.5)
      local to_a, to_b = pull * b.mass, pull * a.mass
      a.vx, a.vy, a.vz = a.vx + dx * to_a, a.vy + dy * to_a, a.vz + dz * to_a
      b.vx, b.vy, b.vz = b.vx - dx * to_b, b.vy - dy * to_b, b.vz - dz * to_b
    end
  end
end

local function drift(span)
  for i = 1, #bodies do
    local body = bodies[i]
    body.x, body.y, body.z = body.x + span * body.vx, body.y + span * body.vy, body.z + span * body.vz
  end
end

local function energy()
  local sum = 0
  for i, a in ipairs(bodies) do
    sum = sum + a.mass * (a.vx ^ 2 + a.vy ^ 2 + a.vz ^ 2) / 2
    for j = i + 1, #bodies do
      local b = bodies[j]
      sum = sum - a.mass * b.mass / ((b.x - a.x) ^ 2 + (b.y - a.y) ^ 2 + (b.z - a.z) ^ 2) ^ 0.5
    end
  end
  return sum
end

local start = os.clock()
local before = energy()
for _ = 1, 100000 do
  kick(0.0005)
  drift(0.001)
  kick(0.0005)
end
local change = math.abs(energy() / before - 1)
assert(change < 1e-4, change)
print(1, os.clock() - start)
