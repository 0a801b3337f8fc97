-- Hostile: a pattern that backtracks for ever.
-- Ends with: limit
local green = require "green";
(("a"):rep(200)):find((".-"):rep(12) .. "b$")
