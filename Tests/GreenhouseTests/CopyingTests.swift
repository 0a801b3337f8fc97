import Greenhouse
import LuaRuntime
import Testing

/// One string of a script may stand in a table any number of times. It must not be copied as often.
struct CopyingTests {
    private let many = """
        local text = ("x"):rep(1000000)
        local function many(n) local list = {} for i = 1, n do list[i] = text end return list end

        """

    private func host(_ body: (ScriptHost) async throws -> Void) async throws {
        try await withHost(limits: RunLimits(memory: 16 << 20), body)
    }

    /// What a call of the script raises.
    private func refusal(_ call: String) async throws -> String {
        var message = ""
        try await host { host in
            let source =
                many + "local ok, err = pcall(function() return \(call) end) return ok and 'no error' or tostring(err)"
            message = try await host.run(source, name: "t", returning: String.self)
        }
        return message
    }

    @Test func valuesThatSwiftReadsAreBoundedAltogether() async throws {
        try await host { host in
            func message<Value: LuaConvertible & Sendable>(_ source: String, _ type: Value.Type) async -> String {
                do {
                    _ = try await host.run(many + source, name: "t", returning: Value.self)
                    return "no error"
                } catch {
                    return error.message
                }
            }
            let bound = "expected data of at most 64 MiB, got more"
            #expect(await message("return many(20000)", [String].self).contains(bound))
            #expect(await message("return many(20000)", [LuaBytes].self).contains(bound))
            #expect(await message("return many(20000)", [LuaValue].self).contains(bound))
            #expect(await message("return many(20000)", LuaValue.self).contains(bound))
            #expect(await message("return { a = many(40), b = many(40) }", [String: [String]].self).contains(bound))
            let deep =
                "local t = {} for i = 1, 1000 do t[i] = i end local l = {} for i = 1, 30000 do l[i] = t end return l"
            #expect(await message(deep, [[Int]].self).contains(bound))
            #expect(await message("return many(40)", [String].self) == "no error")
            #expect(await message("return many(40)", [String].self) == "no error")
        }
    }

    @Test func argumentsOfSwiftFunctionsAreAsWell() async throws {
        try await host { host in
            try await host.register("count") { (list: [String]) in list.count }
            let source = many + "local ok, err = pcall(count, many(20000)) return tostring(err)"
            let message = try await host.run(source, name: "t", returning: String.self)
            #expect(message.contains("data of at most 64 MiB expected, got more at [68]"), "\(message)")
        }
    }

    @Test func withoutAMemoryLimitListsAreReadAsTheyAre() async throws {
        try await withHost { host in
            let read = try await host.run(many + "return many(70)", name: "t", returning: [LuaBytes].self)
            #expect(read.count == 70)
        }
    }

    @Test(arguments: [
        ("green.call_app(function() return 200, {}, many(20000) end, 'GET', '/')", "500"),
        ("green.call_app(function() return 200, { ['X-A'] = many(20000) }, 'x' end, 'GET', '/')", "500"),
    ])
    func answersAreRefusedBeforeTheyArePutTogether(_ call: String, _ expected: String) async throws {
        #expect(try await refusal("error((\(call)))").contains(expected))
    }

    @Test(arguments: [
        (
            "GreenHttp():get('http://127.0.0.1:1/', { params = { a = many(20000) } })",
            "not enough memory for params or data"
        ),
        (
            "GreenHttp():post('http://127.0.0.1:1/', { data = { a = many(20000) } })",
            "not enough memory for params or data"
        ),
        ("GreenHttp():websocket('ws://127.0.0.1:1/', { subprotocols = many(200) })", "subprotocols: they are larger"),
        ("GreenHttp { headers = { { 'X-A', many(1)[1] } } }", "headers: they are larger than 256 KiB"),
    ])
    func requestsAreRefusedBeforeTheyArePutTogether(_ call: String, _ expected: String) async throws {
        let message = try await refusal(call)
        #expect(message.contains(expected), "\(message)")
    }

    @Test func filesAreBoundedAltogether() async throws {
        let call = """
            (function()
              local files = {}
              for i = 1, 5000 do files["f" .. i] = text end
              return GreenHttp():post("http://127.0.0.1:1/", { files = files })
            end)()
            """
        #expect(try await refusal(call).contains("files: they are larger than 64 MiB"))
    }

    @Test(arguments: ["many(20000)", "(function() local t = { 1 } for i = 1, 40 do t = { t, t } end return t end)()"])
    func whatIsTooMuchIsNotWrittenAsJSON(_ value: String) async throws {
        let message = try await refusal("require 'cjson'.encode(\(value))")
        #expect(message.contains("cannot serialise more than 1,000,000 values"), "\(message)")
        let safe = try await refusal("error((select(2, require 'cjson.safe'.new().encode(\(value)))))")
        #expect(safe.contains("cannot serialise more than 1,000,000 values"), "\(safe)")
    }

    @Test func jsonOfASandboxWritesWhatTheModuleWrites() async throws {
        let source = """
            local json = require "cjson"
            local nested = {} for _ = 1, 990 do nested = { nested } end
            return json.encode({ 1, "x", { a = true }, json.null }) .. #json.encode(nested)
              .. tostring(select(2, pcall(json.encode, { [{}] = 1 }))) .. tostring(select(2, pcall(json.encode)))
            """
        try await host { host in
            let closed = try await host.run(source, name: "t", returning: String.self)
            #expect(closed.hasPrefix(#"[1,"x",{"a":true},null]1982"#), "\(closed)")
        }
    }
}
