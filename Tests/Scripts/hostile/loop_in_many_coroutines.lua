-- Hostile: an endless loop a hundred coroutines deep.
-- Ends with: limit
local green = require "green"
local function deep(n)
  if n == 0 then while true do end end
  return coroutine.wrap(deep)(n - 1)
end
deep(100)
