-- Hostile: a pattern that backtracks for ever, in gmatch.
-- Ends with: limit
local green = require "green"
for _ in (("a"):rep(300)):gmatch((".-"):rep(12) .. "b$") do end
