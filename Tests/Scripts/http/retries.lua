-- Repetitions: only what cannot have had an effect, and after a wait.
local check = require "support.check"
local wire = require "support.wire"
local green = require "green"

local quick = { count = 3, backoff = 0.001 }

check.fact("nothing is repeated unless it is asked for", function()
  local http <close> = GreenHttp()
  wire.fails("connection", "", http.get, http, wire.page("/flaky", wire.key()))
  local key = wire.key()
  check.equal(http:get(wire.page("/flaky?status=503", key)).status_code, 503)
  check.equal(http:get(wire.page("/flaky?status=503&fail=1", key)).content, "2")
end)

check.fact("a broken connection is tried again, so often as was said", function()
  local http <close> = GreenHttp { retries = quick }
  check.equal(http:get(wire.page("/flaky?fail=3", wire.key())).content, "4")
  -- What libcurl does by itself when a kept connection breaks is not counted: so one that has none.
  local http <close> = GreenHttp { retries = quick }
  local key = wire.key()
  wire.fails("connection", "", http.get, http, wire.page("/flaky?fail=4", key))
  check.equal(http:get(wire.page("/flaky?fail=4", key), { retries = 0 }).content, "5")
end)

check.fact("statuses are tried again: 429, 502, 503 and 504, or those asked for", function()
  local http <close> = GreenHttp { retries = quick }
  for _, status in ipairs { 429, 502, 503, 504 } do
    check.equal(http:get(wire.page("/flaky?status=" .. status, wire.key())).content, "3")
  end
  check.equal(http:get(wire.page("/flaky?status=500", wire.key())).status_code, 500)
  local own = { count = 3, backoff = 0.001, statuses = { 500 } }
  check.equal(http:get(wire.page("/flaky?status=500", wire.key()), { retries = own }).content, "3")
  check.equal(http:get(wire.page("/flaky?status=503", wire.key()), { retries = own }).status_code, 503)
end)

check.fact("when the repetitions are used up the last response counts", function()
  local http <close> = GreenHttp { retries = { count = 2, backoff = 0.001 } }
  local key = wire.key()
  local response = http:get(wire.page("/flaky?status=503&fail=9", key))
  check.equal(response.status_code, 503)
  check.equal(response.content, "not yet")
  check.equal(#response.history, 0)
  check.equal(http:get(wire.page("/flaky?status=503&fail=3", key)).content, "4")
end)

check.fact("a number is a count", function()
  local http <close> = GreenHttp { retries = 1 }
  check.equal(http:get(wire.page("/flaky?fail=1", wire.key())).content, "2")
end)

check.fact("Retry-After is honoured, in seconds and as a date", function()
  local http <close> = GreenHttp { retries = quick }
  local from = green.now()
  check.equal(http:get(wire.page("/flaky?fail=1&status=503&retry_after=1", wire.key())).content, "2")
  local took = green.now() - from
  check.truthy(took >= 0.99 and took < 3, took)
  from = green.now()
  check.equal(http:get(wire.page("/flaky?fail=1&status=503&retry_date=2", wire.key())).content, "2")
  took = green.now() - from
  check.truthy(took >= 0.9 and took < 4, took)
end)

check.fact("Retry-After is not waited for longer than longest", function()
  local http <close> = GreenHttp { retries = { count = 1, backoff = 0.001, longest = 0.1 } }
  local from = green.now()
  check.equal(http:get(wire.page("/flaky?fail=1&status=429&retry_after=3600", wire.key())).content, "2")
  local took = green.now() - from
  check.truthy(took >= 0.09 and took < 2, took)
end)

check.fact("what may have had an effect is not repeated, unless unsafe is true", function()
  local http <close> = GreenHttp { retries = quick }
  for _, method in ipairs { "post", "patch" } do
    local key = wire.key()
    wire.fails("connection", method:upper(), http[method], http, wire.page("/flaky", key), { data = "x" })
    check.equal(http[method](http, wire.page("/flaky?status=503", key), { data = "x" }).status_code, 503)
    check.equal(http:get(wire.page("/flaky", key)).content, "3")
  end
  for _, method in ipairs { "put", "delete", "options" } do
    check.equal(http[method](http, wire.page("/flaky", wire.key())).content, "3", method)
  end
  local unsafe = { count = 3, backoff = 0.001, unsafe = true }
  check.equal(http:post(wire.page("/flaky", wire.key()), { data = "x", retries = unsafe }).content, "3")
end)

check.fact("a POST whose kept connection breaks is not sent a second time", function()
  for _, options in ipairs { {}, { retries = quick } } do
    local http <close> = GreenHttp(options)
    local key = wire.key()
    check.equal(http:get(wire.page "/echo").status_code, 200)
    wire.fails("connection", "^POST .*closed", http.post, http, wire.page("/flaky?fail=5", key), { data = "x" })
    check.equal(http:get(wire.page("/flaky?fail=1", key), { retries = 0 }).content, "2")
  end
end)

check.fact("a POST that nobody got is repeated", function()
  local http <close> = GreenHttp { retries = { count = 2, backoff = 0.05 } }
  local from = green.now()
  wire.fails("connect", "", http.post, http, "http://127.0.0.1:1/", { data = "x" })
  check.truthy(green.now() - from >= 0.07)
end)

check.fact("a silent server is tried again", function()
  local http <close> = GreenHttp { retries = { count = 2, backoff = 0.001 }, read_timeout = 0.1 }
  local key = wire.key()
  wire.fails("timeout", "read_timeout", http.get, http, wire.page("/hang", key))
  wire.all_closed(key)
  check.equal(wire.connections(key), 3)
end)

check.fact("a body is sent again as it was; a function's cannot be", function()
  local http <close> = GreenHttp { retries = { count = 3, backoff = 0.001, unsafe = true } }
  check.equal(http:put(wire.page("/flaky", wire.key()), { data = ("x"):rep(100000) }).content, "3")
  local given = false
  wire.fails("connection", "PUT", http.put, http, wire.page("/flaky", wire.key()), { data = function()
    if not given then
      given = true
      return "x"
    end
  end })
end)

check.fact("a response that has begun to be streamed is not repeated", function()
  local http <close> = GreenHttp { retries = quick }
  local response = http:get(wire.page "/early-close", { stream = true })
  wire.fails("connection", "closed", function() return response.content end)
end)

check.fact("a collected response that breaks off is tried again", function()
  local http <close> = GreenHttp { retries = quick }
  local key = wire.key()
  wire.fails("connection", "closed", http.get, http, wire.page("/early-close", key))
  check.equal(wire.connections(key), 4)
end)

check.fact("a wrong request is not repeated", function()
  local http <close> = GreenHttp { retries = { count = 3, backoff = 10 } }
  wire.fails("too_large", "", http.get, http, wire.page "/header-bomb")
  wire.fails("protocol", "", http.get, http, wire.page "/garbage", { retries = 0 })
end)
