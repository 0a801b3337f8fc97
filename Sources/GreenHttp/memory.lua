-- GreenHttp { app = … }: requests that go to an app in this process, without a network, for tests.
local green, native, parts = ...
local response, fault = parts.response, native.fault
local trimmed = parts.headers.trimmed

-- The path that a cookie without one is for (RFC 6265 section 5.1.4).
local function default_path(path)
  return path:match("^(/.*)/[^/]*$") or "/"
end

local function is_within(path, of)
  return path == of or path:sub(1, #of) == of and (of:sub(-1) == "/" or path:sub(#of + 1, #of + 1) == "/")
end

local function is_host_of(host, domain, with_subdomains)
  return host == domain or with_subdomains and host:sub(-#domain - 1) == "." .. domain
end

local function store_cookie(jar, asked, line)
  local name, value, rest = line:match("^%s*([^=;]*)=%s*([^;]*)(.*)$")
  name = name and trimmed(name)
  if not name or name == "" then
    return
  end
  local cookie = { name = name, value = trimmed(value), domain = asked.host, path = default_path(asked.path) }
  local max_age
  for key, text in rest:gmatch(";%s*([^=;%s]+)%s*=?%s*([^;]*)") do
    key = key:lower()
    if key == "path" and text:sub(1, 1) == "/" then
      cookie.path = text
    elseif key == "domain" and text ~= "" then
      cookie.domain, cookie.subdomains = text:gsub("^%.", ""):lower(), true
    elseif key == "max-age" and text:find("^%-?%d+$") then
      max_age = math.tointeger(tonumber(text))
    elseif key == "expires" then
      cookie.expires = native.http_date(text)
    elseif key == "secure" then
      cookie.secure = true
    elseif key == "httponly" then
      cookie.http_only = true
    end
  end
  if max_age then
    cookie.expires = max_age > 0 and native.time() + max_age or 1
  end
  local is_foreign = not is_host_of(asked.host, cookie.domain, true)
    or cookie.domain ~= asked.host and not cookie.domain:find(".", 1, true)
  if not is_foreign and not (cookie.secure and asked.scheme ~= "https") then
    pcall(jar.set, jar, cookie) -- one with control characters is dropped
  end
end

local function cookies_for(jar, asked)
  local pairs_ = {}
  for _, cookie in ipairs(jar:list()) do
    if is_host_of(asked.host, cookie.domain, cookie.subdomains) and is_within(asked.path, cookie.path)
      and (not cookie.secure or asked.scheme == "https") then
      pairs_[#pairs_ + 1] = cookie.name .. "=" .. cookie.value
    end
  end
  return pairs_
end

-- What the function gives, joined.
local function collected(body)
  local pieces = {}
  while true do
    local piece = body()
    if piece == nil then
      return table.concat(pieces)
    elseif type(piece) ~= "string" then
      fault("the body function gave a " .. type(piece) .. ", expected a string, or nil at the end")
    elseif piece == "" then
      green.sleep(0) -- others, and time limits, have their turn before it is asked again
    end
    pieces[#pieces + 1] = piece
  end
end

-- Status, fields, body; or nil, kind, message.
local function call(app, asked, body, cookies)
  local lines = {}
  for i = 1, #asked.fields, 2 do
    lines[#lines + 1] = asked.fields[i] .. ": " .. asked.fields[i + 1]
  end
  if #cookies > 0 then
    lines[#lines + 1] = "Cookie: " .. table.concat(cookies, "; ")
  end
  local answered, status, headers, text = pcall(green.call_app, app, asked.method, asked.target, lines, body)
  if answered then
    return status, headers, text
  elseif type(status) == "string" and status:find("the response was broken off", 1, true) then
    return nil, "connection", asked.method .. " " .. asked.url .. ": " .. status
  end
  error(status, 0)
end

-- The response to one request: raw, status, Location, content unless it is streamed; or nil, kind, message.
local function exchange(app, jar, asked, body, own_cookies, stream)
  local cookies = asked.keeps_cookies and cookies_for(jar, asked) or {}
  cookies[#cookies + 1] = own_cookies
  local status, headers, text = call(app, asked, body, cookies)
  if not status then
    return nil, headers, text
  end
  local fields, location = {}, nil
  for _, field in ipairs(headers) do
    fields[#fields + 1] = field[1]
    fields[#fields + 1] = field[2]
    local name = field[1]:lower()
    if name == "location" then
      location = location or field[2]
    elseif name == "set-cookie" and asked.keeps_cookies then
      store_cookie(jar, asked, field[2])
    end
  end
  if asked.max_body and #text > asked.max_body then
    return nil, "too_large", ("%s %s: the response's body has more than %d bytes (max_body)"):format(
      asked.method, asked.url, asked.max_body)
  end
  local raw = native.memory_response(asked.method, asked.url, status, fields, stream and text or "")
  return raw, status, location, not stream and text or nil
end

local redirects = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }

local function follow(app, jar, asked, body, own_cookies, is_stream, stream)
  local history
  while true do
    local raw, status, location, content = exchange(app, jar, asked, body, own_cookies, stream)
    if not raw then
      return nil, status, location
    elseif not redirects[status] or not location or asked.max_redirects == 0 then
      return raw, status, content, history
    end
    history = history or {}
    local subject = asked.method .. " " .. asked.url
    if #history >= asked.max_redirects then
      return nil, "redirect", ("%s: more than %d redirects (max_redirects)"):format(subject, asked.max_redirects)
    end
    history[#history + 1] = response.new(raw, status, content, {})
    local next_, kind, message =
      native.memory_redirect(status, asked.method, asked.url, asked.fields, location)
    if not next_ then
      return nil, kind, message
    elseif next_.loses_body then
      body, is_stream = nil, false
    elseif is_stream then
      return nil, "upload", subject .. ": redirected, and its body, a function, cannot be sent twice"
    end
    if next_.loses_secrets then
      own_cookies = nil
    end
    next_.max_redirects, next_.max_body, next_.keeps_cookies = asked.max_redirects, asked.max_body, asked.keeps_cookies
    asked = next_
  end
end

--- What stands in for `native.send`: raw response, its status, its content, its history; or nil, kind and message.
return function(app, jar)
  return function(core, method, url, query, headers, body, options, stream, cookies, length)
    local asked, kind, message =
      native.memory_request(core, method, url, query, headers, body, options, stream, cookies)
    if not asked then
      return nil, kind, message
    end
    local is_stream = type(body) == "function"
    local function run()
      local text = asked.body
      if is_stream then
        text = collected(body)
        if length and #text ~= length then
          return nil, "upload", ("%s %s: the body function gave %d bytes, and Content-Length is %d"):format(
            asked.method, asked.url, #text, length)
        end
      end
      return follow(app, jar, asked, text, asked.cookies, is_stream, stream == true)
    end
    if not asked.timeout then
      return run()
    end
    local results = table.pack(pcall(green.timeout, asked.timeout, run))
    if results[1] then
      return table.unpack(results, 2, results.n)
    elseif results[2] == green.timed_out then
      return nil, "timeout", ("%s %s: no response within %.15g s (timeout)"):format(asked.method, asked.url, asked.timeout)
    end
    error(results[2], 0)
  end
end
