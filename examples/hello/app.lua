-- The smallest app with a route: greenhouse serve examples/hello/app.lua
-- curl -i localhost:8060/hello/you
return {
  ["GET /"] = function(request)
    return "try /hello/you\n"
  end,
  ["GET /hello/:name"] = function(request)
    return "hello " .. request.params.name .. "\n"
  end,
}
