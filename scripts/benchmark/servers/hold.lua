-- The row of parked requests: each is parked for longer than the measurement takes, and answered then.
local green = require "green"

return function(request)
  green.sleep(8)
  return "hello"
end
