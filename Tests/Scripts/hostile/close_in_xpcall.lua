-- Hostile: coroutines closed inside xpcall, whose closers are interrupted where its frame was, or is no more.
-- Ends with: limit
local function spin() while true do end end
local kept = {}
-- The frame of xpcall is the coroutine's first, and so is that of the closer.
local co = coroutine.create(xpcall)
coroutine.resume(co, function()
  local x <close> = setmetatable({}, { __close = function()
    local p, q, r = "p", "q", "r"
    pcall(spin)
    kept = { p, q, r }
  end })
  coroutine.yield()
end, print)
coroutine.close(co)
assert(table.concat(kept) == "pqr", "a variable was overwritten")
-- The frame of xpcall is far up: Lua gives such frames back when it collects, and what comes next takes their place.
co = coroutine.create(function()
  local x <close> = setmetatable({}, { __close = function()
    for i = 1, 20000 do kept[i] = ("A"):rep(33) .. ("%06d"):format(i) end
    pcall(spin)
  end })
  local function deep(n)
    if n == 0 then xpcall(coroutine.yield, print) else deep(n - 1) end
    return 1
  end
  deep(100)
end)
coroutine.resume(co)
coroutine.close(co)
while true do end
