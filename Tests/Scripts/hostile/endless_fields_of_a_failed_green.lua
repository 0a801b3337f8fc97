-- Hostile: greens that fail with error objects which never tell what they are, and are waited for.
-- Ends with: timeout
local green = require "green"
local loop = function() while true do end end
while true do
  pcall(green.wait, green.spawn(error, setmetatable({}, { __index = loop, __tostring = loop })))
end
