-- Hostile: table.unpack of more than a stack holds.
-- Ends with: error
local green = require "green"
table.unpack({}, 1, 1 << 40)
