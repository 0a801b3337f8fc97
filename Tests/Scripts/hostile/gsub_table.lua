-- Hostile: a replacement table whose __index never returns.
-- Ends with: limit
local green = require "green";
("x"):gsub("x", setmetatable({}, { __index = function() while true do end end }))
