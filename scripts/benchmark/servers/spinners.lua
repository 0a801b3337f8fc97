-- The row of neighbours: four greens that never wait, and a handler that does nothing beside them.
local green = require "green"

for _ = 1, 4 do
  green.spawn(function()
    while true do end
  end)
end

return function(request)
  return "hello"
end
