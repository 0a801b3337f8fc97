-- Downloads a file, with a bar while it comes.
--   greenhouse run examples/download/download.lua https://example.org/large.iso [FILE]
local green = require "green"

local url, path = arg[1], arg[2]
if not url then
  io.stderr:write("usage: greenhouse run download.lua URL [FILE]\n")
  os.exit(2)
end

local http = GreenHttp { retries = 3 }
local response = http:get(url, { stream = true }):raise_for_status()
path = path or response.url:match("([^/?#]+)[^/]*$") or "download"

local width, shown, start = 30, 0, green.now()
local function progress(done, total)
  local now = green.now()
  if now - shown < 0.05 and done ~= total then
    return -- often enough to look alive
  end
  shown = now
  local size = ("%.1f MB"):format(done / 1e6)
  if total then
    local filled = math.floor(width * done / math.max(total, 1))
    io.stderr:write(("\r%s [%s%s] %3d %%  %s "):format(
      path, ("#"):rep(filled), ("."):rep(width - filled), 100 * done // math.max(total, 1), size))
  else
    io.stderr:write(("\r%s  %s "):format(path, size))
  end
end

local bytes = response:save(path, progress)
io.stderr:write(("\n%s: %d bytes in %.1f s\n"):format(path, bytes, green.now() - start))
