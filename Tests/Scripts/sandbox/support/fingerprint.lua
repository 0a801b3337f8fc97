-- A text of all that a script finds, by which its runner (SandboxScriptTests.swift) sees that another script of the same
-- host has changed nothing of it.
local lines, seen = {}, {}

-- Made for each script; and what the host itself sets while a fact is checked.
local own = {
  ["_G.load"] = true, ["_G.require"] = true, ["_G.package"] = true, ["_G.later"] = true, ["_G.later_table"] = true,
  ["_G.math.random"] = true, ["_G.math.randomseed"] = true,
}

local function walk(path, value)
  if own[path] or seen[value] then
    return
  elseif type(value) == "table" then
    seen[value] = true
    for key, field in pairs(value) do
      walk(path .. "." .. tostring(key), field)
    end
  else
    lines[#lines + 1] = path .. " = " .. tostring(value)
  end
end

walk("_G", _G)
local json, http, app = require "cjson", GreenHttp(), GreenWSGI(print)
local objects = {
  text = "", http = http, cookies = http.cookies, app = app, pool = GreenPool(), lock = GreenLock(),
  event = require "green".Event(), error = require "green".timed_out,
}
for name, object in pairs(objects) do
  lines[#lines + 1] = ("metatable of %s = %s"):format(name, tostring(getmetatable(object)))
end
for _, name in ipairs { "get", "post", "websocket", "close" } do
  lines[#lines + 1] = "http." .. name .. " = " .. tostring(http[name])
end
for _, name in ipairs { "list", "set", "clear" } do
  lines[#lines + 1] = "cookies." .. name .. " = " .. tostring(http.cookies[name])
end
local _, problem = pcall(http.get, http, "nonsense://")
lines[#lines + 1] = "error = " .. tostring(problem) .. " " .. tostring(getmetatable(problem))
lines[#lines + 1] = "format = " .. ("%d %s"):format(3, "x") .. ("ab"):upper() .. #("x"):rep(3)
lines[#lines + 1] = "json = " .. json.encode { 1, { a = "b" } } .. select(2, pcall(json.encode, { [100] = 1 }))
lines[#lines + 1] = "collector = " .. tostring(collectgarbage "isrunning")
table.sort(lines)
-- utf8.charpattern is no text.
return (table.concat(lines, "\n"):gsub("[\128-\255]", function(byte) return ("\\%d"):format(byte:byte()) end))
