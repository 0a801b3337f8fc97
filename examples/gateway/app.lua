-- A gateway: one request asks three services side by side, and merges what they say within half a second.
--   greenhouse serve examples/gateway/upstreams.lua --bind 127.0.0.1:8061
--   UPSTREAM=http://127.0.0.1:8061 greenhouse serve examples/gateway/app.lua
--   curl localhost:8060/dashboard/1
local green = require "green"
local json = require "cjson"

local http = GreenHttp {
  base_url = os.getenv "UPSTREAM" or "http://127.0.0.1:8061",
  timeout = 0.5,
  retries = { count = 1, backoff = 0.05 },
}

-- What a service says, or, when it fails or takes too long, the fallback.
local function ask(path, options, fallback)
  local ok, result = pcall(function()
    return http:get(path, options):raise_for_status():json()
  end)
  if ok then
    return result
  end
  print(("gateway: %s: %s"):format(path, result))
  return fallback
end

return {
  ["GET /dashboard/:id"] = function(request)
    local id = request.params.id
    -- Three greens: the answer takes as long as the slowest of them.
    local said = green.gather {
      green.spawn(ask, "/users/" .. id),
      green.spawn(ask, "/orders", { params = { user = id } }, {}),
      green.spawn(ask, "/weather", nil, { sky = "unknown" }),
    }
    local user, orders, weather = said[1], said[2], said[3]
    if not user then
      error { status = 404 }
    end
    local body = json.encode { user = user, orders = orders, weather = weather }
    return 200, { ["Content-Type"] = "application/json" }, body
  end,
}
