-- Hostile: a function that calls itself.
-- Ends with: overflow
local green = require "green"
local function f() return 1 + f() end f()
