-- Hostile: a wait that nothing ends.
-- Ends with: timeout
local green = require "green"
green.Event():wait()
