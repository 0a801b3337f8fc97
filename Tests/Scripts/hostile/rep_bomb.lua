-- Hostile: string.rep of more than fits.
-- Ends with: memory
local green = require "green"
local s = ("x"):rep(1 << 33)
