-- A JSON API: routes with parameters, middleware before them, response middleware behind.
--   curl -i localhost:8060/users
--   curl -i localhost:8060/users/1
--   curl -i -X POST -d '{"name":"Grace"}' localhost:8060/users
--   curl -i -H 'Authorization: Bearer secret' -X DELETE localhost:8060/users/1
local json = require "cjson"
local green = require "green"

local users = { { id = 1, name = "Ada" }, { id = 2, name = "Edsger" } }

local function find(id)
  for position, user in ipairs(users) do
    if user.id == id then
      return user, position
    end
  end
  -- An error that is a table with a status is an answer.
  error({ status = 404, body = { json.encode({ error = "no user " .. tostring(id) }) } })
end

local function answer(status, value)
  return status, { ["Content-Type"] = "application/json" }, json.encode(value)
end

-- Middleware: the first answer that is not nil wins, so returning nothing lets the request through.
local function only_with_token(request)
  if request.method == "DELETE" and request.headers.authorization ~= "Bearer secret" then
    return 401, { ["WWW-Authenticate"] = "Bearer", ["Content-Type"] = "application/json" }, '{"error":"who are you?"}'
  end
end

local routes = {
  ["GET /users"] = function(request)
    return answer(200, users)
  end,

  ["GET /users/:id"] = function(request)
    green.sleep(0.01) -- a slow database: parks this request, and no other
    return answer(200, (find(math.tointeger(tonumber(request.params.id)))))
  end,

  ["POST /users"] = function(request)
    local ok, given = pcall(json.decode, request.body)
    if not ok or type(given) ~= "table" or type(given.name) ~= "string" then
      return answer(400, { error = 'expected {"name": "..."}' })
    end
    local user = { id = #users + 1, name = given.name }
    users[#users + 1] = user
    return answer(201, user)
  end,

  ["DELETE /users/:id"] = function(request)
    local _, position = find(math.tointeger(tonumber(request.params.id)))
    table.remove(users, position)
    return 204
  end,
}

-- Response middleware sees every answer, also those that come of errors.
local function timed(request, response)
  response.headers["Server-Timing"] = ("handler;dur=%.1f"):format((green.now() - green.locals.began) * 1000)
end

local function clock(request)
  green.locals.began = green.now()
end

return GreenWSGI({ clock, only_with_token, routes }, GreenPool(200), { timed })
