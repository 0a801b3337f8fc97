-- Hostile: pcall that calls itself, and starts again when the stack is full.
-- Ends with: limit
local green = require "green"
local function again() pcall(again) pcall(again) end
while true do again() end
