-- Hostile: coroutines that swallow the errors of coroutines.
-- Ends with: limit
local green = require "green"
while true do
  coroutine.resume(coroutine.create(function()
    while true do coroutine.resume(coroutine.create(function() while true do end end)) end
  end))
end
