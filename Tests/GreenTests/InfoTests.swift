import LuaRuntime
import Testing

@testable import Green

/// What other rooms add to `green.info()`; the rest is in Tests/Scripts/info.lua.
@Suite struct InfoTests {
    @Test func aRoomAddsAField() throws {
        let fixture = try GreenFixture()
        var inFlight = 7
        fixture.scheduler.addInfo("http") { (lua) throws(LuaFailure) in
            try lua.pushTable(fields: 1)
            lua.push(inFlight)
            try lua.setField("requests", of: -2)
        }
        #expect(try fixture.call("return green.info().http.requests") == "7")
        inFlight = 8
        #expect(try fixture.call("return green.info().http.requests") == "8")
        #expect(try fixture.call("return green.info().greens.live") == "0")
    }

    @Test func aFieldOfTheSameNameIsReplaced() throws {
        let fixture = try GreenFixture()
        fixture.scheduler.addInfo("http") { lua in lua.push(1) }
        fixture.scheduler.addInfo("http") { lua in lua.push(2) }
        #expect(try fixture.call("return green.info().http") == "2")
        #expect(fixture.scheduler.infoProviders.count == 1)
    }

    @Test func anErrorOfAProviderIsRaised() throws {
        let fixture = try GreenFixture()
        fixture.scheduler.addInfo("bad") { (lua) throws(LuaFailure) in
            try lua.push("no figures")
            throw LuaFailure.memory
        }
        do {
            _ = try fixture.call("return green.info()")
            Issue.record("nothing was raised")
        } catch let error as LuaError {
            #expect(error.message.contains("no figures"))
        }
    }

    @Test func aClosedSchedulerLetsGoOfItsProviders() throws {
        final class Held {}
        weak var held: Held?
        let fixture = try GreenFixture()
        do {
            let one = Held()
            held = one
            fixture.scheduler.addInfo("held") { lua in withExtendedLifetime(one) { lua.pushNil() } }
        }
        #expect(held != nil)
        fixture.scheduler.close()
        #expect(held == nil)
    }
}
