import LuaRuntime
import Synchronization
import Testing

/// Counts how many of it live.
private final class Tracked {
    let live: LiveCount

    init(_ live: LiveCount) {
        self.live = live
        live.change(by: 1)
    }

    deinit { live.change(by: -1) }
}

private final class LiveCount: Sendable {
    private let count = Atomic<Int>(0)

    func change(by difference: Int) { count.wrappingAdd(difference, ordering: .relaxed) }

    var value: Int { count.load(ordering: .relaxed) }
}

@Suite struct ClassDefinitionTests {
    private static let tracked: ClassDefinition = ClassDefinition(
        "test.tracked",
        members: [
            .method(
                "live",
                Native("test.tracked.live") { pointer in
                    let lua = LuaStack(pointer)
                    guard let object = lua.reference(at: 1, of: tracked, as: Tracked.self) else {
                        return lua.fail(argument: 1, expected: "test.tracked")
                    }
                    lua.push(object.live.value)
                    return 1
                }),
            .property("same", 7),
        ],
        get: Native("test.tracked.get") { _ in 1 },
        metamethods: [
            .method(
                "__len",
                Native("test.tracked.len") { pointer in
                    LuaStack(pointer).push(3)
                    return 1
                })
        ],
        release: ClassDefinition.releaseReference)
    private static let other = ClassDefinition("test.other")

    private let live = LiveCount()
    let state: LuaState

    init() throws {
        state = try LuaState.forTest()
        try state.register(Self.tracked)
        try state.register(Self.other)
    }

    private func push() throws { try state.main.push(reference: Tracked(live), as: Self.tracked) }

    @Test func scriptsUseMethodsPropertiesAndMetamethods() throws {
        try push()
        try state.setGlobal("object")
        #expect(try state.run("return object:live(), object.same, #object, object.missing") == "1, 7, 3, nil")
        #expect(
            try state.run("return select(2, pcall(function() object.live() end))")
                == "test:1: bad argument #1 to 'live' (test.tracked expected, got no value)")
        #expect(
            try state.run("return select(2, pcall(function() object.same = 1 end))")
                == "test:1: cannot set field 'same' of a test.tracked")
    }

    @Test func theReferenceComesBackOnlyFromItsClass() throws {
        let object = Tracked(live)
        try state.main.push(reference: object, as: Self.tracked)
        #expect(state.main.reference(at: -1, of: Self.tracked, as: Tracked.self) === object)
        #expect(state.main.reference(at: -1, of: Self.other, as: Tracked.self) == nil)
        state.main.push(1)
        #expect(state.main.reference(at: -1, of: Self.tracked, as: Tracked.self) == nil)
        #expect(state.main.reference(at: 9, of: Self.tracked, as: Tracked.self) == nil)
        state.main.setTop(0)
    }

    @Test func collectedObjectsGiveUpTheirReferences() throws {
        for _ in 0..<1_000 {
            try push()
            state.main.pop()
        }
        #expect(live.value > 0)
        state.collectGarbage()
        #expect(live.value == 0)
    }

    @Test func closingTheStateGivesUpAllReferences() throws {
        for number in 0..<100 {
            try push()
            try state.setGlobal("object\(number)")
        }
        let slot = try state.vault.reserve()
        try push()
        state.vault.store(slot, from: state.main)
        #expect(live.value == 101)
        state.close()
        #expect(live.value == 0)
    }

    @Test func objectsInCyclesAndCoroutinesAreCollected() throws {
        try state.setGlobal("make", Native("make") { _ in 0 })
        try push()
        try state.setGlobal("object")
        try state.run(
            """
            local list = {object}
            list.cycle = list
            local co
            co = coroutine.create(function() local mine, me = list, co coroutine.yield() end)
            coroutine.resume(co)
            object = nil
            """)
        state.collectGarbage()
        state.collectGarbage()
        #expect(live.value == 0)
    }

    @Test func finalizersMayFindTheObjectGivenUp() throws {
        // At close, finalizers run in reverse order of marking: the table's comes after the object's.
        try state.run("table_ = setmetatable({}, {__gc = function(t) seen = {pcall(t.object.live, t.object)} end})")
        try push()
        try state.setGlobal("object")
        try state.run("table_.object = object object = nil")
        state.close()
        #expect(live.value == 0)
    }

    @Test func pushingWithoutMemoryHoldsNoReference() throws {
        for countdown in UInt64(1)...10 {
            state.failAllocations(after: countdown)
            let pushed = (try? push()) != nil
            state.failAllocations(after: 0)
            #expect(live.value == (pushed ? 1 : 0))
            state.main.setTop(0)
            state.collectGarbage()
            #expect(live.value == 0)
        }
    }

    @Test func anUnknownClassThrowsAndHoldsNothing() throws {
        let fresh = try LuaState.forTest()
        #expect(throws: LuaFailure.self) { try fresh.main.push(reference: Tracked(live), as: Self.tracked) }
        #expect(fresh.main.string(at: -1) == "class 'test.tracked' is not registered with this Lua state")
        #expect(live.value == 0)
    }

    @Test func membersCanBeAddedInLua() throws {
        try state.main.pushMembers(of: Self.tracked)
        try state.push(expression: "function(self) return self:live() * 10 end")
        try state.main.setField("tenfold", of: -2)
        state.main.pop()
        try push()
        try state.setGlobal("object")
        #expect(try state.run("return object:tenfold()") == "10")
    }

    @Test func payloadsStartZeroedAndKeepUserValues() throws {
        let payload = try state.main.pushObject(of: Self.other, size: 16, userValues: 1)
        #expect(payload.load(as: Int.self) == 0)
        #expect(payload.load(fromByteOffset: 8, as: Int.self) == 0)
        #expect(state.main.object(at: -1, of: Self.other) == payload)
        #expect(state.main.object(at: -1, of: Self.tracked) == nil)
        state.main.push(5)
        state.main.setUserValue(1, of: 1)
        state.main.pushUserValue(1, of: 1)
        #expect(state.main.integer(at: -1) == 5)
        state.main.setTop(0)
    }
}
