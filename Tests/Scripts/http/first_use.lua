-- The client is read when GreenHttp is first called. Each fact has a state of its own, where nobody has called it.
local check = require "support.check"
local green = require "green"

check.fact("what a script makes of its globals before is nothing to the client", function()
  local kept = {}
  for _, name in ipairs { "type", "pairs", "ipairs", "next", "select", "setmetatable", "getmetatable", "tostring", "io" } do
    kept[name] = _G[name]
  end
  for name in next, kept do
    _G[name] = nil
  end
  local is_made, http = pcall(GreenHttp, { base_url = "http://127.0.0.1:1/" })
  for name, value in kept.next, kept do
    _G[name] = value
  end
  check.equal(is_made, true, tostring(http))
  check.raises("Failed to connect", http.get, http, "/")
end)

check.fact("a call that is stopped while it reads leaves nothing half read", function()
  local steps = 0
  for _, count in ipairs { 1, 10, 100, 1000 } do
    local is_made, problem = pcall(function()
      debug.sethook(function()
        debug.sethook()
        steps = steps + 1
        error "stopped"
      end, "", count)
      GreenHttp()
    end)
    check.equal(is_made, false, count)
    check.truthy(tostring(problem):find("stopped", 1, true), problem)
  end
  local http = GreenHttp { app = function() return "read" end }
  check.equal(http:get("/"):text(), "read")
  check.equal(steps, 4)
end)

check.fact("errors of requests have a type name from the start", function()
  check.equal(green.HttpError, "HttpError")
end)
