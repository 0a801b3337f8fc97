-- Hostile: a closer that never returns, reached by an error.
-- Ends with: limit
local green = require "green"
local x <close> = setmetatable({}, { __close = function() while true do end end })
error("out")
