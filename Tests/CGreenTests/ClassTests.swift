import CGreen
import Synchronization
import Testing

/// A class of counters: a payload of one integer, a method, two properties and a call.
enum TestCounter {
    static let released = Atomic<Int>(0)
    /// The number of the property `later`, whose getter parks.
    private static let parking: Int32 = 9

    private static func member(
        _ name: StaticString, _ method: UnsafePointer<cg_native>?, property: Int32 = 0
    ) -> cg_member {
        cg_member(name: TestNative.text(name), method: method, property: property)
    }

    private static func list(_ members: [cg_member]) -> UnsafePointer<cg_member> {
        let list = UnsafeMutablePointer<cg_member>.allocate(capacity: members.count + 1)
        list.initialize(from: members + [cg_member(name: nil, method: nil, property: 0)], count: members.count + 1)
        return UnsafePointer(list)
    }

    private static func integer(_ lua: OpaquePointer, _ definition: UnsafePointer<cg_class>) -> UnsafeMutablePointer<
        Int
    >? {
        cg_object(lua, 1, definition)?.assumingMemoryBound(to: Int.self)
    }

    // Safety: made once and never written again.
    nonisolated(unsafe) static let definition: UnsafePointer<cg_class> = make(id: 60, readOnly: false)
    // Safety: made once and never written again.
    nonisolated(unsafe) static let fixed: UnsafePointer<cg_class> = make(id: 61, readOnly: true)

    private static func make(id: Int32, readOnly: Bool) -> UnsafePointer<cg_class> {
        let increment = TestNative.make("increment") { lua in
            guard let value = TestCounter.integer(lua, TestCounter.definition) else { return -1 }
            value.pointee += 1
            cg_push_integer(lua, Int64(value.pointee))
            return 1
        }
        let get = TestNative.make("get") { lua in
            var property: Int64 = 0
            _ = cg_to_integer(lua, 3, &property)
            if property == TestCounter.parking { return Int32(CG_PARK) }
            let value = TestCounter.integer(lua, TestCounter.definition) ?? TestCounter.integer(lua, TestCounter.fixed)
            cg_push_integer(lua, Int64(value?.pointee ?? -1) * property)
            return 1
        } resumed: { lua in
            cg_push_integer(lua, 77)
            return 1
        }
        let set = TestNative.make("set") { lua in
            var new: Int64 = 0
            guard let value = TestCounter.integer(lua, TestCounter.definition), cg_to_integer(lua, 3, &new) else {
                _ = cg_push_bytes(lua, "integer expected", 16)
                return Int32(CG_RAISE_AT)
            }
            value.pointee = Int(new)
            return 0
        }
        let made = UnsafeMutablePointer<cg_class>.allocate(capacity: 1)
        made.initialize(
            to: cg_class(
                id: id, name: TestNative.text("test.counter"),
                members: list([
                    member("increment", increment), member("value", nil, property: 1),
                    member("later", nil, property: parking),
                    member("double", nil, property: 2),
                ]),
                get: get, set: readOnly ? nil : set, metamethods: list([member("__call", increment)]),
                release: { _, _ in TestCounter.released.add(1, ordering: .relaxed) }, outside: 0))
        return UnsafePointer(made)
    }
}

@Suite(.serialized) struct ClassTests {
    let state: TestState
    let definition = TestCounter.definition

    private var releasedCount: Int { TestCounter.released.load(ordering: .relaxed) }

    init() throws {
        state = try TestState()
        try #require(cg_register_class(state.lua, definition) == CG_OK)
        try #require(cg_register_class(state.lua, TestCounter.fixed) == CG_OK)
        try make("counter", definition)
    }

    private func make(_ name: String, _ definition: UnsafePointer<cg_class>) throws {
        var payload: UnsafeMutableRawPointer?
        try #require(cg_new_object(state.lua, definition, MemoryLayout<Int>.size, 1, &payload) == CG_OK)
        #expect(payload?.load(as: Int.self) == 0)
        #expect(cg_object(state.lua, -1, definition) == payload)
        try state.setGlobal(name)
    }

    @Test func methodsPropertiesAndMetamethodsAreFound() throws {
        #expect(
            try state.run("counter:increment() return counter:increment(), counter.value, counter.double") == "2, 2, 4")
        #expect(try state.run("counter.value = 7 return counter(), counter.value") == "8, 8")
        #expect(
            try state.run("return counter.nothing, counter[1], counter.increment == counter.increment")
                == "nil, nil, true")
    }

    @Test func whatCannotBeWrittenSaysSo() throws {
        try make("fixed", TestCounter.fixed)
        let text = "return select(2, pcall(function() %@ = 1 end))"
        for target in ["counter.other", "counter.increment", "fixed.value"] {
            let field = target.split(separator: ".")[1]
            #expect(
                try state.run(text.replacing("%@", with: target))
                    == "test:1: cannot set field '\(field)' of a test.counter", "\(target)")
        }
        #expect(try state.run(text.replacing("%@", with: "counter[{}]")).hasPrefix("test:1: cannot set field 'table: "))
        #expect(try state.run("return pcall(function() counter.value = 'x' end)") == "false, integer expected")
        #expect(try state.run("return fixed.value, fixed.double") == "0, 0")
    }

    @Test func scriptsNeitherSeeNorSwapTheMetatable() throws {
        #expect(
            try state.run("return getmetatable(counter), pcall(setmetatable, counter, {})").hasPrefix("false, false, "))
        #expect(try state.run("return tostring(counter):match('^[%a.]+'), type(counter)") == "test.counter, userdata")
    }

    @Test func onlyObjectsOfTheClassAreTakenForOne() throws {
        try make("fixed", TestCounter.fixed)
        for source in ["nil", "1", "'x'", "{}", "print", "io.stdout", "fixed", "coroutine.create(print)"] {
            try state.load("return \(source)")
            try #require(cg_call(state.lua, 0, 1) == CG_OK)
            #expect(cg_object(state.lua, -1, definition) == nil, "\(source)")
            cg_set_top(state.lua, 0)
        }
        #expect(cg_object(state.lua, 1, definition) == nil)
        #expect(state.top == 0)
    }

    @Test func userValuesStayWithTheObject() throws {
        var payload: UnsafeMutableRawPointer?
        try #require(cg_new_object(state.lua, definition, 0, 2, &payload) == CG_OK)
        cg_push_integer(state.lua, 5)
        cg_set_user_value(state.lua, 1, 2)
        #expect(state.top == 1)
        cg_get_user_value(state.lua, 1, 2)
        cg_get_user_value(state.lua, 1, 1)
        #expect(state.describe(-2) == "5")
        #expect(state.describe(-1) == "nil")
        cg_set_top(state.lua, 0)
    }

    @Test func theFinalizerRunsOnceOnCollectionOrOnClose() throws {
        let before = releasedCount
        try make("other", definition)
        try state.run("other = nil")
        #expect(cg_collect(state.lua) == CG_OK)
        #expect(releasedCount == before + 1)
        #expect(cg_collect(state.lua) == CG_OK)
        #expect(releasedCount == before + 1)
        state.close()
        #expect(releasedCount == before + 2)
    }

    @Test func anObjectOfAnUnknownClassIsAnError() throws {
        let other = try TestState()
        var payload: UnsafeMutableRawPointer?
        #expect(cg_new_object(other.lua, definition, 8, 0, &payload) == CG_ERRRUN)
        #expect(payload == nil)
        #expect(other.text(-1) == "class 'test.counter' is not registered with this Lua state")
        #expect(other.top == 1)
    }

    @Test func aGetterMayPark() throws {
        let green = try TestGreen(state)
        #expect(
            try green.finish(
                "return counter.later + coroutine.wrap(function() return counter.later end)(), counter.value")
                == .done("154, 0"))
        #expect(green.parks == 2)
    }

    @Test func theMembersTableTakesMore() throws {
        cg_push_metatable(state.lua, definition)
        try #require(cg_get_field(state.lua, -1, "members") == CG_OK)
        try state.load("local self = ... return self:increment() * 100")
        try #require(cg_set_field(state.lua, -2, "hundred") == CG_OK)
        cg_set_top(state.lua, 0)
        #expect(try state.run("return counter:hundred()") == "100")
    }
}
