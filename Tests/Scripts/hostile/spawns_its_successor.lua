-- Hostile: each green starts the next one.
-- Ends with: error
local green = require "green"
local function again() green.spawn(again) end
again()
green.sleep(0.2)
error("it is the chain that its limits must end")
