-- Hostile: a pattern that backtracks for ever, in gsub.
-- Ends with: limit
local green = require "green";
(("a"):rep(300)):gsub((".-"):rep(12) .. "b$", "")
