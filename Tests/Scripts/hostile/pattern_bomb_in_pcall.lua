-- Hostile: patterns that backtrack for ever, one after another.
-- Ends with: limit
local green = require "green"
while true do pcall(string.match, ("a"):rep(5000), (".*"):rep(9) .. "b") end
