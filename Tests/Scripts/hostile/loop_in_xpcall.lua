-- Hostile: xpcall in a loop, with a handler that is as bad.
-- Ends with: limit
local green = require "green"
local function spin() while true do end end
while true do xpcall(spin, spin) end
