-- Hostile: a lock that its own holder asks for again.
-- Ends with: error
local green = require "green"
local lock = GreenLock()
lock:acquire()
lock:acquire()
