import Testing

@testable import Green

private final class Note: Waiter {
    let name: Int
    private let tell: (Int, WakeReason) -> Void

    init(_ name: Int, _ tell: @escaping (Int, WakeReason) -> Void) {
        self.name = name
        self.tell = tell
        super.init()
    }

    override func wake(_ reason: WakeReason) { tell(name, reason) }
}

@Suite struct WaitListTests {
    @Test func waitersAreWokenFirstInFirstOut() {
        let list = WaitList()
        var woken: [Int] = []
        for name in 1...3 { list.append(Note(name) { name, _ in woken.append(name) }) }
        #expect(list.waiterCount == 3)
        #expect(list.wakeFirst())
        #expect(woken == [1])
        list.wakeAll()
        #expect(woken == [1, 2, 3])
        #expect(!list.hasWaiters)
        #expect(!list.wakeFirst())
    }

    @Test(arguments: [0, 1, 2, 3])
    func anyWaiterCanLeave(position: Int) {
        let list = WaitList()
        var woken: [Int] = []
        let notes = (0..<4).map { Note($0) { name, _ in woken.append(name) } }
        for note in notes { list.append(note) }
        list.remove(notes[position])
        #expect(notes[position].list == nil)
        #expect(notes[position].next == nil)
        #expect(list.waiterCount == 3)
        // Who left may come back, at the end of the line.
        list.append(notes[position])
        list.wakeAll()
        #expect(woken == (0..<4).filter { $0 != position } + [position])
    }

    @Test func wakingAllLeavesThoseWhoComeBackMeanwhile() {
        let list = WaitList()
        var rounds = 0
        var note: Note?
        note = Note(1) { _, _ in
            rounds += 1
            if let note { list.append(note) }
        }
        if let note { list.append(note) }
        list.wakeAll()
        #expect(rounds == 1)
        #expect(list.waiterCount == 1)
        _ = list.takeFirst()
        note = nil
    }

    @Test func aWaiterThatWakesAnotherDoesNotBreakTheList() {
        let list = WaitList()
        var woken: [Int] = []
        list.append(
            Note(1) { name, _ in
                woken.append(name)
                list.wakeFirst()
            })
        for name in 2...4 { list.append(Note(name) { name, _ in woken.append(name) }) }
        list.wakeAll()
        #expect(woken == [1, 2, 3, 4])
        #expect(list.waiterCount == 0)
    }

    @Test func aListThatGoesAwayLetsItsWaitersGo() {
        let note = Note(1) { _, _ in Issue.record("nobody wakes it") }
        do {
            let list = WaitList()
            list.append(note)
            for name in 2...100_000 { list.append(Note(name) { _, _ in }) }
            #expect(note.list === list)
        }
        #expect(note.list == nil)
        #expect(note.next == nil)
    }
}
