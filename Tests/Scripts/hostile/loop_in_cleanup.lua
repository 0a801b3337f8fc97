-- Hostile: a loop in its cleanup, when it is asked to end.
-- Ends with: limit
pcall(function() while true do end end) while true do end
