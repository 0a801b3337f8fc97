import Foundation
import Testing

@testable import GreenHttp

@Suite struct SmallFileTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "small-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func fault(_ path: String, most: Int = .max) -> String? {
        do throws(SmallFile.Fault) {
            _ = try SmallFile.read(path, most: most)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func whatMayBlockIsNoFileToRead() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(mkfifo("\(folder)/fifo", 0o600) == 0)
        for path in ["\(folder)/fifo", "/dev/zero"] {
            #expect(fault(path) == "it is no plain file")
            #expect(SmallFile.fault(path) == "it is no plain file")
            #expect(SmallFile.mayBlock(path))
        }
        #expect(!SmallFile.mayBlock(folder))
        #expect(!SmallFile.mayBlock("\(folder)/none"))
    }

    @Test func aFileThatIsTooLargeIsNotRead() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(SmallFile.replace("\(folder)/file", with: Array(repeating: 1, count: 100_000)))
        #expect(fault("\(folder)/file", most: 99_999) == "it has more than 99999 bytes")
        #expect(fault("\(folder)/file", most: 100_000) == nil)
    }

    @Test func whatIsWrittenIsRead() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for count in [0, 1, 65_536, 200_001] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            #expect(SmallFile.replace("\(folder)/file", with: bytes))
            #expect(try SmallFile.read("\(folder)/file") == bytes)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }

    @Test func onlyItsOwnerMayReadIt() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/file"
        _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o666])
        #expect(SmallFile.replace(path, with: [1]))
        #expect(try mode(path) == 0o600)
    }

    @Test func aLinkIsReplacedAndNotFollowed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data([7]).write(to: URL(filePath: "\(folder)/target"))
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "\(folder)/target")
        #expect(SmallFile.replace("\(folder)/link", with: [1]))
        #expect(try SmallFile.read("\(folder)/target") == [7])
        #expect(try SmallFile.read("\(folder)/link") == [1])
    }

    @Test func whatFailsSaysWhyAndLeavesNothing() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(!SmallFile.replace("\(folder)/none/file", with: [1]))
        #expect(SmallFile.lastError == "No such file or directory")
        #expect(!SmallFile.replace(folder, with: [1]))
        #expect(fault("\(folder)/none") == "No such file or directory")
        #expect(fault(folder) == "Is a directory")
        #expect(SmallFile.fault("\(folder)/none") == "No such file or directory")
        #expect(SmallFile.fault(folder) == "Is a directory")
        #expect(SmallFile.isFolder(folder))
        #expect(!SmallFile.isFolder("\(folder)/none"))
    }
}
