import Testing

@testable import Green

@Suite struct HeldTests {
    private final class Thing {}

    private final class Holder {
        var held = Held<Thing>()
    }

    @Test func whatIsHeldLivesUntilAnotherIs() {
        let holder = Holder()
        weak var first: Thing?
        do {
            let thing = Thing()
            first = thing
            holder.held.hold(thing)
            holder.held.hold(thing)
        }
        #expect(first != nil && holder.held.object === first)
        holder.held.hold(Thing())
        #expect(first == nil && holder.held.object != nil)
        holder.held.hold(nil)
        #expect(holder.held.object == nil)
    }

    @Test func theHolderLetsGoAtItsEnd() {
        weak var thing: Thing?
        do {
            let holder = Holder()
            holder.held.hold(Thing())
            thing = holder.held.object
            #expect(thing != nil)
        }
        #expect(thing == nil)
    }

    @Test func whatIsTakenIsTheTakers() {
        let holder = Holder()
        weak var thing: Thing?
        holder.held.hold(Thing())
        thing = holder.held.object
        let taken = holder.held.take()
        #expect(thing != nil && holder.held.object == nil && holder.held.take() == nil)
        // Safety: `take` gave the reference to this test.
        taken?.release()
        #expect(thing == nil)
    }
}
