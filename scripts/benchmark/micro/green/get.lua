-- A GET of our HTTP client: 16 greens, each one request after the other, one client, keep-alive connections.
-- The upstream's URL is in GREENHOUSE_BENCHMARK_UPSTREAM; it says "hello". Prints units and the CPU seconds they took.
local green = require "green"

local upstream = assert(os.getenv "GREENHOUSE_BENCHMARK_UPSTREAM", "GREENHOUSE_BENCHMARK_UPSTREAM names no upstream")
local http = GreenHttp()

local function ask(count)
  for _ = 1, count do
    local response = http:get(upstream)
    assert(response.status_code == 200 and response.content == "hello", "expected a 200 that says hello")
  end
end

local function run(greens, count)
  local futures = {}
  for i = 1, greens do futures[i] = green.spawn(ask, count) end
  green.gather(futures)
end

run(16, 125)
local start = os.clock()
run(16, 1250)
print(16 * 1250, os.clock() - start)
