import Foundation
import Glibc
import Testing

@testable import GreenWSGI

@Suite struct AccessLogTests {
    /// What a pretended write does next.
    private final class FakeFile {
        var text = ""
        /// One step a call: how many bytes are taken, or a negative `errno`; all bytes when there are no steps left.
        var steps: [Int] = []

        func write(_ bytes: UnsafeRawBufferPointer) -> Int {
            let step = steps.isEmpty ? bytes.count : steps.removeFirst()
            if step < 0 {
                errno = Int32(-step)
                return -1
            }
            text += String(decoding: bytes.prefix(step), as: UTF8.self)
            return min(step, bytes.count)
        }
    }

    private func log(to file: FakeFile, flushSize: Int = 1 << 16) throws -> AccessLog {
        try AccessLog(.standardError, format: .common, flushSize: flushSize) { file.write($1) }
    }

    private func temporaryPath() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("access-\(UUID().uuidString).log").path
    }

    private func contents(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    private let entry = AccessLogEntry(status: 200, bodyBytes: 1)
    private let line = "- - - [01/Jan/1970:00:00:00 +0000] \"-\" 200 1\n"

    @Test func linesGatherUntilTheyAreFlushed() throws {
        let file = FakeFile()
        let log = try log(to: file)
        log.record(entry, at: 0)
        log.record(entry, at: 0)
        #expect(file.text == "")
        log.flush()
        #expect(file.text == line + line)
        log.flush()
        #expect(file.text == line + line)
    }

    @Test func theSizeLimitFlushesByItself() throws {
        let file = FakeFile()
        let log = try log(to: file, flushSize: line.utf8.count * 2)
        log.record(entry, at: 0)
        #expect(file.text == "")
        log.record(entry, at: 0)
        #expect(file.text == line + line)
    }

    @Test func interruptedAndPartialWritesAreContinued() throws {
        let file = FakeFile()
        let log = try log(to: file)
        log.record(entry, at: 0)
        file.steps = [-Int(EINTR), 5, -Int(EINTR), 3]
        log.flush()
        #expect(file.text == line)
        #expect(log.lastErrorNumber == 0)
    }

    @Test func whatAFullPipeDoesNotTakeIsKept() throws {
        let file = FakeFile()
        let log = try log(to: file)
        log.record(entry, at: 0)
        file.steps = [5, -Int(EAGAIN)]
        log.flush()
        #expect(file.text == String(line.prefix(5)))
        log.record(entry, at: 0)
        log.flush()
        #expect(file.text == line + line)
        #expect(log.droppedLines == 0)
    }

    @Test func aPipeThatNeverDrainsCannotEatTheMemory() throws {
        let file = FakeFile()
        file.steps = Array(repeating: -Int(EAGAIN), count: 100_000)
        let log = try log(to: file, flushSize: 1 << 18)
        for _ in 0..<30_000 { log.record(entry, at: 0) }
        #expect(log.droppedLines > 0)
        file.steps = []
        log.flush()
        let written = file.text.utf8.count / line.utf8.count
        #expect(file.text.utf8.count <= 1 << 20 + line.utf8.count)
        #expect(written + log.droppedLines == 30_000)
    }

    @Test func linesThatCannotBeWrittenAreDroppedAndCounted() throws {
        let file = FakeFile()
        let log = try log(to: file)
        log.record(entry, at: 0)
        log.record(entry, at: 0)
        file.steps = [-Int(ENOSPC)]
        log.flush()
        #expect(log.droppedLines == 2)
        #expect(log.lastErrorNumber == ENOSPC)
        log.record(entry, at: 0)
        log.flush()
        #expect(file.text == line)
    }

    @Test func aLineThatWasCutIsEndedBeforeTheNextOne() throws {
        let file = FakeFile()
        let log = try log(to: file)
        log.record(entry, at: 0)
        file.steps = [5, -Int(ENOSPC)]
        log.flush()
        #expect(log.droppedLines == 1)
        log.record(entry, at: 0)
        file.steps = [-Int(ENOSPC)]
        log.flush()
        #expect(file.text == String(line.prefix(5)))
        log.flush()
        #expect(file.text == line.prefix(5) + "\n" + line)
    }

    @Test func theFileIsAppendedToAndClosedOnExec() throws {
        let path = temporaryPath()
        defer { unlink(path) }
        try "before\n".write(toFile: path, atomically: false, encoding: .utf8)
        do {
            let first = try AccessLog(.file(path: path))
            let second = try AccessLog(.file(path: path))
            first.record(entry, at: 0)
            first.flush()
            second.record(entry, at: 0)
            second.flush()
            first.record(entry, at: 0)
        }
        #expect(try contents(path) == "before\n" + line + line + line)
    }

    @Test func reopeningWritesTheOldLinesToTheOldFile() throws {
        let path = temporaryPath()
        let moved = path + ".1"
        defer {
            unlink(path)
            unlink(moved)
        }
        let log = try AccessLog(.file(path: path))
        log.record(entry, at: 0)
        #expect(rename(path, moved) == 0)
        log.record(entry, at: 0)
        try log.reopen()
        log.record(entry, at: 0)
        log.flush()
        #expect(try contents(moved) == line + line)
        #expect(try contents(path) == line)
    }

    @Test func aFailedReopeningKeepsTheOldFile() throws {
        let directory = temporaryPath()
        #expect(mkdir(directory, 0o700) == 0)
        let path = directory + "/log"
        let moved = temporaryPath()
        defer {
            unlink(moved)
            rmdir(directory)
        }
        let log = try AccessLog(.file(path: path))
        #expect(rename(path, moved) == 0)
        #expect(rmdir(directory) == 0)
        #expect(throws: WSGIError.self) { try log.reopen() }
        log.record(entry, at: 0)
        log.flush()
        #expect(try contents(moved) == line)
    }

    @Test func aFileThatCannotBeOpenedIsNamedWithTheReason() {
        let path = "/nonexistent/access.log"
        let error = #expect(throws: WSGIError.self) { try AccessLog(.file(path: path)) }
        #expect(error?.kind == .accessLog)
        #expect(error?.message.contains("'\(path)'") == true)
        #expect(error?.message.contains("No such file or directory") == true)
    }
}
