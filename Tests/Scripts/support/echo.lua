-- Reads what the raw-bytes server's /echo answers: the request as it came.

--- Method, target, version, `headers` (values by name in lower case, several joined by ", "), `names` in order, body.
return function(response)
  local head, body = response.content:match("^(.-\r?\n)\r?\n(.*)$")
  local echo = { headers = {}, names = {}, body = body }
  echo.method, echo.target, echo.version = head:match("^(%S+) (%S+) (%S+)")
  for name, value in head:gmatch("\n([^:\r\n]+): ?([^\r\n]*)") do
    name = name:lower()
    echo.names[#echo.names + 1] = name
    echo.headers[name] = echo.headers[name] and echo.headers[name] .. ", " .. value or value
  end
  return echo
end
