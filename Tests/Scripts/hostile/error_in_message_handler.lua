-- Hostile: message handlers that raise, for ever.
-- Ends with: limit
local green = require "green"
local function handler() error("again") end
while true do xpcall(error, handler) end
