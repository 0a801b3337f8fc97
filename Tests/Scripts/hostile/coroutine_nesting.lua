-- Hostile: coroutines in coroutines until C's stack is at its limit.
-- Ends with: error
local green = require "green"
local function f() return coroutine.wrap(f)() .. "" end f()
