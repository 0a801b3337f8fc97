-- HAProxy's side of the HTTP rows. HAProxy adds neither Server nor Date, so both are set here and the replies of
-- all peers are of about one size; the date is renewed once a second, as the others do.
local date = os.date("!%a, %d %b %Y %H:%M:%S GMT")

core.register_task(function()
  while true do
    core.sleep(1)
    date = os.date("!%a, %d %b %Y %H:%M:%S GMT")
  end
end)

local function answer(applet)
  applet:set_status(200)
  applet:add_header("server", "haproxy")
  applet:add_header("date", date)
  applet:add_header("content-type", "text/plain")
  applet:add_header("content-length", "5")
  applet:start_response()
  applet:send("hello")
end

core.register_service("hello", "http", answer)
core.register_service("park", "http", function(applet) core.yield() answer(applet) end)
core.register_service("hold", "http", function(applet) core.sleep(8) answer(applet) end)
