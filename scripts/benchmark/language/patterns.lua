-- find, match, gmatch and gsub on the lines of a log that is made here: short subjects and one long one, literal and
-- greedy and lazy patterns, captures, and replacements by a string, a table and a function.
local words = { "connect", "timeout", "retry", "answer", "close", "warning", "error", "done" }
local lines = {}
for i = 1, 1500 do
  local word = words[i % #words + 1]
  local head = ("2026-11-%02d %02d:%02d:%02d [worker-%d] %s:"):format(i % 28 + 1, i % 24, i % 60, i * 7 % 60, i % 9, word)
  lines[i] = ("%s path=/users/%d/orders?id=%d&sort=%s took %d.%03d ms"):format(head, i, i * 31, word, i % 90, i % 1000)
end
local text = table.concat(lines, "\n")

local function of_each_line()
  local found, sum = 0, 0
  for _, line in ipairs(lines) do
    if line:find("error", 1, true) then found = found + 1 end
    if line:find("%[worker%-[0-4]%]") then found = found + 1 end
    local year, month, day = line:match("^(%d+)-(%d+)-(%d+)")
    local path, id = line:match("path=([^?]*)%?id=(%d+)")
    local took = line:match(".*took (.-) ms$")
    sum = sum + year + month + day + #path + id + took
  end
  return found, sum
end

local function of_the_text()
  local pairs_found = 0
  for key, value in text:gmatch("(%w+)=([^&%s]+)") do pairs_found = pairs_found + (key ~= value and 1 or 0) end
  local dashed, dashes = text:gsub("/", "-")
  local hidden, numbers = text:gsub("%d+", "<%0>")
  local _, named = text:gsub("%a+", { error = "ERROR", warning = "WARNING" })
  local _, longer = text:gsub("(%a)(%w*)", function(first, rest) return rest .. first end)
  return pairs_found, #dashed, dashes, #hidden, numbers, named, longer
end

local start = os.clock()
for _ = 1, 36 do
  local found, sum = of_each_line()
  assert(found > 800 and sum > 3e6)
  local pairs_found, length, dashes, longer, numbers, named, swapped = of_the_text()
  assert(pairs_found == 3000 and length == #text and dashes == 4500 and longer == #text + 2 * numbers)
  assert(named == swapped)
end
print(1, os.clock() - start)
