-- The gateway row: each request asks an upstream, named by GREENHOUSE_BENCHMARK_UPSTREAM, and answers what that said.
local upstream = assert(os.getenv "GREENHOUSE_BENCHMARK_UPSTREAM", "GREENHOUSE_BENCHMARK_UPSTREAM names no upstream")
local http = GreenHttp()

return function(request)
  return http:get(upstream).content
end
