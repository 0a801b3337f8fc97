-- Hostile: balanced brackets that never balance, from every position, for ever.
-- Ends with: limit
local green = require "green"
while true do (("("):rep(20000)):find("%b()x") end
