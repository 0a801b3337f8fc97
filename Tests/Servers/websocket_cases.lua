-- The WebSocket client under the Autobahn test suite's cases: echoes what it is sent, case by case.
-- greenhouse run websocket_cases.lua ws://127.0.0.1:port
local server = arg[1]
local http = GreenHttp()
local options = { max_message = 64 << 20 }

local function echo(page)
  local ws <close> = http:websocket(server .. page, options)
  -- What breaks the rules of the protocol is an error here, and told the server by the client.
  pcall(function()
    for message, kind in ws:messages() do
      ws:send(message, kind)
    end
  end)
end

local counter = http:websocket(server .. "/getCaseCount", options)
local count = tonumber((counter:receive()))
counter:close()
for case = 1, count do
  echo(("/runCase?case=%d&agent=greenhouse"):format(case))
end
echo "/updateReports?agent=greenhouse"
