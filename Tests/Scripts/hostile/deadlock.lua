-- Hostile: a lock that its own holder waits for, in another green.
-- Ends with: timeout
local green = require "green"
local lock = GreenLock()
lock:acquire()
wait(green.spawn(function() lock:acquire() end))
