-- Server-sent events (HTML Standard section 9.2).
local _, _, parts = ...
local body = parts.body
local next_piece, keep = body.next_piece, body.keep

local mark = "\xEF\xBB\xBF"

-- Reads lines that end with LF, CR LF or CR. What belongs to the stream, and not to one iterator over it, is kept in the
-- response: last_event_id, whether its begin was seen, whether the first half of a CR LF was.
local function lines_of(response, most)
  local buffer, from = "", 1
  local lines = {}

  -- Adds the next piece to the few bytes that are left; false at the end.
  local function more()
    local piece, start = next_piece(response)
    if not piece then
      return false
    end
    buffer, from = buffer:sub(from) .. piece:sub(start), 1
    return true
  end

  -- A byte-order mark in front is no part of the first line.
  local function start()
    response.has_begun_events = true
    while #buffer < from + 2 and mark:sub(1, #buffer - from + 1) == buffer:sub(from) do
      if not more() then
        break
      end
    end
    if buffer:sub(from, from + 2) == mark then
      from = from + 3
    end
  end

  --- The next line; nil when there is no whole one any more.
  function lines.next()
    if not rawget(response, "has_begun_events") then
      start()
    end
    -- Of a line that many pieces make the parts are kept apart until it is whole.
    local line, length = nil, 0
    while true do
      local stop = buffer:find("[\r\n]", from)
      length = length + (stop or #buffer + 1) - from
      body.check_length(response, "a line of an event", length, most)
      if stop then
        local last = buffer:sub(from, stop - 1)
        from = stop + 1
        if buffer:byte(stop) == 13 then
          if buffer:byte(from) == 10 then
            from = from + 1
          elseif from > #buffer then
            response.skips_line_feed = true -- it may come next
          end
        end
        if line then
          line[#line + 1] = last
          last = table.concat(line)
        end
        return last
      end
      line = line or {}
      line[#line + 1] = buffer:sub(from)
      buffer, from = next_piece(response)
      if not buffer then
        buffer, from = "", 1
        return nil
      end
    end
  end

  --- Leaves what is behind the last line to whoever reads next.
  function lines.leave()
    keep(response, buffer, from)
    buffer, from = "", 1
  end

  return lines
end

--- Tables with `event`, `data`, and `id` and `retry` where given. An event without its blank line is dropped; one with
-- more than `most` bytes of data (16 MiB) is an error.
local function iter_events(response, most)
  most = body.check_size(most, body.most_at_once)
  local lines = lines_of(response, most)
  return function()
    local data, event, retry
    local size = 0
    for line in lines.next do
      if line == "" then
        if data then
          lines.leave()
          return {
            event = event or "message", data = table.concat(data, "\n"), id = rawget(response, "last_event_id"),
            retry = retry,
          }
        end
        event = nil
      elseif line:byte() ~= 58 then -- lines that begin with a colon are comments
        local field, value = line:match("^([^:]*): ?(.*)$")
        field, value = field or line, value or ""
        if field == "data" then
          data = data or {}
          data[#data + 1] = value
          size = size + #value + 1
          body.check_length(response, "an event", size - 1, most)
        elseif field == "event" then
          event = value ~= "" and value or nil
        elseif field == "id" and not value:find("\0", 1, true) then
          response.last_event_id = value
        elseif field == "retry" and value:match("^%d+$") then
          retry = tonumber(value)
        end
      end
    end
  end
end

return iter_events
