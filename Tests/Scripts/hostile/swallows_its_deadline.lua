-- Hostile: waits that swallow the error of the deadline.
-- Ends with: timeout
local green = require "green"
while true do pcall(green.sleep, 0.01) end
