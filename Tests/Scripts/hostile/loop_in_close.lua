-- Hostile: a variable whose closer never returns.
-- Ends with: limit
local green = require "green"
do
  local x <close> = setmetatable({}, { __close = function() while true do end end })
end
