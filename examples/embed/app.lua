-- Routes are Lua; what they call is Swift. `greeting` is a Swift function, `user` an async one: only this request waits.
return GreenWSGI {
  ["GET /"] = function()
    return greeting("world") .. "\n"
  end,

  ["GET /users/:id"] = function(request)
    local name = user(tonumber(request.params.id))
    if not name then
      return 404, "no such user\n"
    end
    return greeting(name) .. "\n"
  end,
}
