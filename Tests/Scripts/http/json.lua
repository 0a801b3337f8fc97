-- JSON of requests and responses: numbers arrive as they are.
local check = require "support.check"
local cjson = require "cjson"

-- What a response with this body reads as.
local function decoded(text)
  return GreenHttp { app = function() return text end }:get("/"):json()
end

-- What is sent for a value.
local function encoded(value)
  local seen
  GreenHttp { app = function(request) seen = request.body return "" end }:post("/", { json = value })
  return seen
end

check.fact("whole numbers are integers, at any depth", function()
  check.equal(decoded "7", 7)
  check.equal(decoded "-0", 0)
  check.equal(decoded "1e3", 1000)
  check.equal("/users/" .. decoded '{"id": 7}'.id, "/users/7")
  local value = decoded '{"a": [1, 2.5, {"b": [[3]]}], "1": "x"}'
  check.equal(value.a[1], 1)
  check.equal(value.a[2], 2.5)
  check.equal(value.a[3].b[1][1], 3)
  check.equal(value["1"], "x")
  check.equal(decoded(("["):rep(900) .. "5" .. ("]"):rep(900))[1] ~= nil, true)
end)

check.fact("whole numbers up to 2^53 are exact, and those beyond stay floats", function()
  check.equal(decoded "9007199254740991", 9007199254740991)
  check.equal(decoded "-9007199254740992", -9007199254740992)
  check.equal(decoded "9007199254740994", 9007199254740994.0)
  check.equal(decoded "12345678901234567890", 12345678901234567890.0)
  check.equal(decoded "1e300", 1e300)
end)

check.fact("numbers are sent with all their digits", function()
  check.equal(encoded(123456789012345678), "123456789012345678")
  check.equal(encoded(9007199254740993), "9007199254740993")
  check.equal(encoded(math.mininteger), "-9223372036854775808")
  check.equal(encoded(2.0 ^ 53), "9007199254740992")
  check.equal(encoded(7.0), "7")
  check.equal(encoded(0.1), "0.1")
  check.equal(encoded(1 / 3), "0.33333333333333331")
  check.equal(tonumber(encoded(1e300)), 1e300)
  check.equal(encoded { id = 100000000000001 }, '{"id":100000000000001}')
end)

check.fact("what comes goes back as it was", function()
  for _, text in ipairs {
    "[1,2.5,-3,9007199254740991]", '{"a":{"b":[null,true,false,"x"]}}', '["\\u0001\\n\\"\\\\é"]', "null", '""',
  } do
    check.equal(encoded(decoded(text)), text)
  end
end)

check.fact("null is cjson.null, both ways", function()
  check.equal(decoded '{"a": null}'.a, cjson.null)
  check.equal(encoded { cjson.null, 1 }, "[null,1]")
  check.equal(encoded { 1, nil, 3 }, "[1,null,3]")
end)

check.fact("an empty table is an object, unless its __jsontype says array", function()
  check.equal(encoded {}, "{}")
  check.equal(encoded { tags = setmetatable({}, { __jsontype = "array" }) }, '{"tags":[]}')
  check.equal(encoded(setmetatable({ 1, 2 }, { __jsontype = "object" })):gsub("[12\":,]", ""), "{}")
end)

check.fact("names that are numbers are sent as text", function()
  check.equal(encoded { [0] = "a" }, '{"0":"a"}')
  check.equal(encoded { [2.5] = "a" }, '{"2.5":"a"}')
end)

check.fact("what JSON does not have is refused where it was given", function()
  local http = GreenHttp()
  local loop = {}
  loop[1] = loop
  for pattern, value in pairs {
    ["a function cannot be sent"] = { f = print }, ["nan is no JSON number"] = 0 / 0, ["inf is no"] = { 1 / 0 },
    ["nested more than 1000 deep"] = loop, ["got the key true"] = { [true] = 1 },
    ["a list with 2 items has an item 1000"] = { 1, [1000] = 2 },
  } do
    check.raises("^[^\n]*json.lua:%d+: json: .*" .. pattern, function()
      http:post("http://127.0.0.1:1/", { json = value })
    end)
  end
end)

check.fact("what a script sets for its cjson is not for the client", function()
  cjson.encode_number_precision(3)
  cjson.decode_max_depth(2)
  local safe = require "cjson.safe"
  safe.decode_max_depth(2)
  check.equal(encoded(3.14159), "3.14159")
  check.equal(decoded "[[[1]]]"[1][1][1], 1)
end)
