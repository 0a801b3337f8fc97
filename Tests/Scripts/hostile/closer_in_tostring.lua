-- Hostile: an error whose text fails in a call with a variable to be closed, and so does closing it.
-- Ends with: error
local green = require "green"
error(setmetatable({}, {
  __tostring = function()
    local _ <close> = setmetatable({}, { __close = function() error("boom") end })
    local _ = nil + 1
  end,
}))
