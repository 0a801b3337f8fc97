-- Strings made in every usual way: the .. operator, table.concat, format, rep, sub, upper, byte and char.
local function rows(count)
  local lines = {}
  for i = 1, count do
    local name = "item" .. i
    lines[#lines + 1] = name .. ": " .. i * 3 .. " of " .. count
    lines[#lines + 1] = string.format("%-12s|%6d|%8.3f|%s", name, i, i / 7, "end")
    lines[#lines + 1] = name:upper():sub(2, -2) .. string.char(65 + i % 26, name:byte(1, 3))
    lines[#lines + 1] = ("-"):rep(i % 40)
  end
  return table.concat(lines, "\n")
end

local function grown(count)
  local text = ""
  for i = 1, count do text = text .. i .. "," end
  return text
end

local start = os.clock()
for _ = 1, 12 do
  assert(#rows(20000) == 1804085)
  assert(#grown(3000) == 13893)
end
print(1, os.clock() - start)
