-- What a script did wrong is said with the script's line.
local check = require "support.check"
local green = require "green"

local here = "^[^\n]*mistakes.lua:%d+: "
local url = "http://127.0.0.1:1/"

check.fact("wrong arguments are told with the script's line", function()
  local http = GreenHttp()
  for pattern, options in pairs {
    ["json: give no data or files beside it"] = { json = 1, data = "x" },
    ["data: string, table or function expected, got boolean"] = { data = true },
    ["params: table expected, got boolean"] = { params = true },
    ["headers: table expected, got string"] = { headers = "x" },
    ["cookies: table expected, got string"] = { cookies = "x" },
    ["files: table expected, got number"] = { files = 5 },
    ["json: a function cannot be sent"] = { json = { print } },
    ["hooks: table expected"] = { hooks = 5 },
    ["hooks: after_response: function expected, got number"] = { hooks = { after_response = 5 } },
    ["content_type: string"] = { content_type = {} },
    ["unknown option 'tiemout': did you mean 'timeout'"] = { tiemout = 1 },
    ["header Content%-Length: one number of bytes expected"] =
      { data = function() end, headers = { ["Content-Length"] = "x" } },
  } do
    check.raises(here .. pattern, function() return http:post(url, options), 1 end)
    options.hooks = options.hooks or { before_request = function() end }
    check.raises(here .. pattern, function() return http:post(url, options), 1 end)
  end
  check.raises(here .. "options: table expected, got number", function() return http:get(url, 5), 1 end)
  check.raises(here .. "options: table expected, got number", function() return http:head(url, 5), 1 end)
  check.raises(here .. "request: a method", function() return http:request(nil, url), 1 end)
end)

check.fact("what a hook makes of the options is told with a script's line", function()
  local http = GreenHttp { hooks = { before_request = function(request) request.options = { data = true } end } }
  check.raises(here .. "data: string", function() return http:post(url), 1 end)
end)

check.fact("wrong options of a client are told with the script's line", function()
  for pattern, options in pairs {
    ["GreenHttp: option 'app': GreenWSGI takes a function"] = { app = "x" },
    ["GreenHttp: option 'app': route \"GET /\": a handler function was expected"] = { app = { ["GET /"] = 5 } },
    ["GreenHttp: unknown option 'tiemout'"] = { tiemout = 1 },
    ["GreenHttp: option 'base_url': string expected"] = { base_url = 5 },
    ["GreenHttp: option 'base_url': "] = { base_url = "ftp://x/" },
    ["GreenHttp: option 'cookies': table expected"] = { cookies = "a=1" },
    ["cookies:set: a table with name, value and domain expected"] = { cookies = { { name = "a" } } },
    ["cookies: 'a b' cannot be sent"] = { cookies = { ["a b"] = "1" } },
    ["headers: table expected"] = { headers = 5 },
    ["params: table expected"] = { params = 5 },
    ["GreenHttp: table of options expected"] = 5,
  } do
    check.raises(here .. pattern, function() return GreenHttp(options), 1 end)
  end
end)

check.fact("a closed client says so at the script's line", function()
  local http = GreenHttp()
  http:close()
  check.raises(here .. "this GreenHttp is closed", function() return http:get(url), 1 end)
  check.raises(here .. "this GreenHttp is closed", function() return http:websocket("ws://127.0.0.1:1"), 1 end)
end)

check.main_fact("outside of a green the script's line is named", function()
  local http = GreenHttp()
  check.raises(here .. "cannot wait on the main coroutine", function() return http:get(url), 1 end)
end)

check.fact("an HttpError for wrong input names the script's line, and its message does not", function()
  local http = GreenHttp()
  local problem = check.raises(here .. "unknown option", function() return http:get(url, { x = 1 }), 1 end)
  check.equal(problem.kind, "invalid")
  check.truthy(problem.where:find("mistakes.lua:%d+$"))
  check.truthy(problem.message:find("^unknown option"))
  check.equal(check.raises("", http.get, http, "http://127.0.0.1:1/").where, nil)
end)

check.fact("called with a dot, methods tell how to call them", function()
  local http = GreenHttp()
  check.raises(here .. "call it with a colon: http:get%(url%)", function() return http.get(url), 1 end)
  check.raises(here .. "call it with a colon: http:request%(method, url%)", function() return http.request("GET", url), 1 end)
  check.raises(here .. "call it with a colon: http:close%(%)", function() http.close() end)
  check.raises(here .. "call it with a colon: http:websocket%(url%)", function() return http.websocket("ws://x"), 1 end)
  check.raises(here .. "call it with a colon: http.cookies:set%(cookie%)", function() http.cookies.set { name = "a" } end)
  local response = GreenHttp { app = function() return "x" end }:get "/"
  for _, name in ipairs { "text", "json", "read", "iter_lines", "iter_events", "raise_for_status", "close" } do
    check.raises(here .. "call it with a colon: response:" .. name .. "%(%)", function() return response[name](), 1 end)
  end
  check.raises(here .. "call it with a colon: headers:get_all%(name%)", function()
    return response.headers.get_all("x"), 1
  end)
end)

check.fact("a body function that gives no string is told, with the request", function()
  local http = GreenHttp { app = function(request) return request.body end }
  check.raises("the body function gave a number, expected a string", http.post, http, "/", { data = function() return 5 end })
end)

check.fact("cookies say what is wrong at the script's line", function()
  local http = GreenHttp()
  check.raises(here .. "cookies:set: a table", function() http.cookies:set { name = "a" } end)
  check.raises(here .. "cookies:save: ", function() http.cookies:save("/not/there/x") end)
end)
