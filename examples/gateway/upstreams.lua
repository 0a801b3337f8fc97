-- Three services for the gateway beside this file, in one: users, orders and a weather service that is too slow.
--   greenhouse serve examples/gateway/upstreams.lua --bind 127.0.0.1:8061
local green = require "green"
local json = require "cjson"

local function answer(value)
  return 200, { ["Content-Type"] = "application/json" }, json.encode(value)
end

return {
  ["GET /users/:id"] = function(request)
    green.sleep(0.05)
    if request.params.id == "0" then
      error { status = 404 }
    end
    return answer { id = request.params.id, name = "Ada" }
  end,
  ["GET /orders"] = function(request)
    green.sleep(0.05)
    return answer { { of = request.query.user, item = "analytical engine" } }
  end,
  ["GET /weather"] = function()
    green.sleep(5)
    return answer { sky = "clear" }
  end,
}
