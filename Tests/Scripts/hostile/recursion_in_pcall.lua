-- Hostile: full stacks, swallowed for ever.
-- Ends with: limit
local green = require "green"
local function f() return 1 + f() end while true do pcall(f) end
