import Testing

@testable import EventLoop

@Suite struct EventLoopOffloadTests {
    @Test func workRunsElsewhereAndItsCompletionOnTheLoop() throws {
        let loop = try EventLoop()
        var results: [Int] = []
        for number in 0..<20 {
            loop.offload({ loop.isOnLoop ? -1 : number }, completion: { results.append(loop.isOnLoop ? $0 : -2) })
        }
        #expect(results.isEmpty)
        #expect(loop.hasPendingWork)
        loop.runUntilIdle()
        #expect(results.sorted() == Array(0..<20))
        #expect(!loop.hasPendingWork)
    }

    @Test func aCompletionMayOffloadAgain() throws {
        let loop = try EventLoop()
        var total = 0
        func next(_ number: Int) {
            guard number > 0 else { return }
            loop.offload(
                { number },
                completion: {
                    total += $0; next($0 - 1)
                })
        }
        next(10)
        loop.runUntilIdle()
        #expect(total == 55)
    }
}
