-- Hostile: pcall in a loop swallows errors that cost nothing.
-- Ends with: limit
local green = require "green"
while true do pcall(error, "x") end
