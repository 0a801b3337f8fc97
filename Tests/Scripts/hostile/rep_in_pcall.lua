-- Hostile: string.rep of more than fits, swallowed for ever.
-- Ends with: limit
local green = require "green"
while true do pcall(string.rep, "x", 1 << 33) end
