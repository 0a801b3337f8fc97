-- Hostile: an error object whose __tostring waits for ever, and catches what ends that.
-- Ends with: error
local green = require "green"
local function text()
  while true do
    pcall(green.sleep)
  end
end
error(setmetatable({}, { __tostring = text }))
