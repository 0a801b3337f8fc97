-- Memory of a parked green: 100 000 of them, asleep. Prints units and the bytes they took (proportional set size).
local green = require "green"

local function resident_bytes()
  collectgarbage()
  collectgarbage()
  local file = assert(io.open("/proc/self/smaps_rollup"))
  local text = file:read("a")
  file:close()
  return 1024 * tonumber(text:match("Pss:%s*(%d+) kB"))
end

local started = 0
local function park()
  started = started + 1
  green.sleep(600)
end

resident_bytes() -- what reading itself loads is not the greens'
local before = resident_bytes()
for _ = 1, 100000 do green.spawn(park) end
while started < 100000 do green.sleep(0) end
print(100000, resident_bytes() - before)
io.stdout:flush()
os.exit(0)
