-- Hostile: an endless loop without a loop statement.
-- Ends with: limit
local green = require "green"
::again:: goto again
