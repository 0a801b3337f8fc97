-- The body of a response, read while it comes. What an iterator took and did not hand out stays with the response, so
-- that whoever reads next goes on behind it.
local _, native, parts = ...
local fault, raise = native.fault, parts.faults.raise

local methods = {}

-- Most bytes of a line, or of an event, where a script says nothing else: a server may send one that never ends.
local most_at_once = 16 << 20

-- The size, or `default` where none was given.
local function check_size(size, default)
  if size ~= nil and (math.type(size) ~= "integer" or size < 1) then
    fault(("a number of bytes from 1 up expected, got %s"):format(tostring(size)))
  end
  return size or default
end

-- Raises for a line, or event, that has more bytes than are wanted.
local function check_length(self, what, length, most)
  if length > most then
    raise("too_large", ("%s %s: %s has more than %d bytes (the most is the argument of iter_%ss)"):format(
      self.method, self.url, what, most, what:match("%a+$")), self)
  end
end

-- What comes next from the connection, at most `most` bytes; nil at the end.
local function received(self, most)
  local content = rawget(self, "content")
  if content then
    -- Read before as a whole: once more from the start.
    local was_read = rawget(self, "was_read")
    self.was_read = true
    return not was_read and content ~= "" and content or nil
  end
  local piece, kind, message = native.read(self.raw, most)
  if kind then
    raise(kind, message, self)
  end
  return piece
end

-- What begins there is for whoever reads next.
local function keep(self, piece, from)
  if from <= #piece then
    self.unread, self.unread_from = piece, from
  end
end

local function take_unread(self)
  local piece = rawget(self, "unread")
  if piece then
    self.unread = nil
    return piece, self.unread_from
  end
end

--- The next bytes of a streamed body, at most `most`; nil at the end. Parks while none are there.
function methods:read(most)
  check_size(most)
  local piece, from = take_unread(self)
  if not piece then
    piece, from = received(self, most), 1
    if piece and rawget(self, "skips_line_feed") then
      self.skips_line_feed = nil
      if piece == "\n" then
        piece = received(self, most)
      elseif piece:byte() == 10 then
        from = 2
      end
    end
  end
  most = most or 65536
  if not piece or from == 1 and #piece <= most then
    return piece
  end
  keep(self, piece, from + most)
  return piece:sub(from, from + most - 1)
end

-- The next piece as a whole, uncopied, and where in it the part begins that nobody has had; nil at the end.
local function next_piece(self)
  local whole, from = take_unread(self)
  if whole then
    return whole, from
  end
  local piece = self:read()
  whole, from = take_unread(self)
  if whole then
    return whole, from - #piece -- it was cut
  end
  return piece, 1
end

--- Pieces of the body of at most `size` bytes, as they come.
function methods:iter_content(size)
  check_size(size)
  return function()
    return self:read(size)
  end
end

local function without_return(line)
  return line:byte(-1) == 13 and line:sub(1, -2) or line
end

--- Lines of the body, without their ends (LF or CR LF), of at most `most` bytes (16 MiB); a longer one is an error.
function methods:iter_lines(most)
  most = check_size(most, most_at_once)
  return function()
    -- Of a line that many pieces make the parts are kept apart until it is whole.
    local line, length = nil, 0
    while true do
      local piece, from = next_piece(self)
      if not piece then
        return line and table.concat(line)
      end
      local stop = piece:find("\n", from, true)
      length = length + (stop or #piece + 1) - from
      check_length(self, "a line", length, most)
      if stop then
        keep(self, piece, stop + 1)
        local last = piece:sub(from, stop - 1)
        if line then
          line[#line + 1] = last
          last = table.concat(line)
        end
        return without_return(last)
      end
      line = line or {}
      line[#line + 1] = piece:sub(from)
    end
  end
end

--- All that nobody has read yet, waiting for the rest.
local function rest_of(self)
  local content, kind, message = native.content(self.raw)
  if kind then
    raise(kind, message, self)
  end
  local pieces = {}
  if content then
    local piece, from = take_unread(self)
    if piece then
      return piece:sub(from) .. content
    elseif rawget(self, "skips_line_feed") and content:byte() == 10 then
      return content:sub(2)
    end
    return content
  end
  for piece in self:iter_content() do
    pieces[#pieces + 1] = piece
  end
  return table.concat(pieces)
end

return {
  methods = methods, next_piece = next_piece, keep = keep, rest_of = rest_of, most_at_once = most_at_once,
  check_size = check_size, check_length = check_length,
}
