import HTTPWire
import LuaRuntime

/// What a request object holds in its Lua userdata: the parsed head and its bytes, copied, and no references.
///
/// So it needs no finalizer, costs one block of memory, and stays readable after the request is over.
/// Layout: `RequestRecord`, then `head.fieldCount` `HeaderField`s, then `head.byteCount` bytes.
struct RequestRecord {
    var head: RequestHead
    /// The connection's number in its table, and which of its requests this is.
    var slot: Int
    var serial: UInt64
    /// Safety: the table is attached to the scheduler, which closes the Lua state before it lets go of it.
    var table: Unmanaged<ConnectionTable>

    private static let fieldsOffset = MemoryLayout<RequestRecord>.stride

    static func size(_ head: RequestHead) -> Int {
        fieldsOffset + head.fieldCount * MemoryLayout<HeaderField>.stride + head.byteCount
    }

    /// Writes a record and what follows it into a payload of `size(head)` bytes.
    static func write(
        _ record: RequestRecord, fields: UnsafeBufferPointer<HeaderField>, bytes: UnsafeRawBufferPointer,
        to payload: UnsafeMutableRawPointer
    ) {
        payload.initializeMemory(as: RequestRecord.self, to: record)
        let fieldBytes = record.head.fieldCount * MemoryLayout<HeaderField>.stride
        if let source = fields.baseAddress, fieldBytes > 0 {
            (payload + fieldsOffset).copyMemory(from: source, byteCount: fieldBytes)
        }
        if let source = bytes.baseAddress {
            (payload + fieldsOffset + fieldBytes).copyMemory(from: source, byteCount: record.head.byteCount)
        }
    }
}

/// A request object's payload while a native looks at it.
struct RequestView {
    private let payload: UnsafeMutableRawPointer

    init?(_ lua: LuaStack, at index: Int32 = 1) {
        guard let payload = lua.object(at: index, of: RequestObject.definition) else { return nil }
        self.payload = payload
    }

    private var record: UnsafePointer<RequestRecord> {
        UnsafePointer(payload.assumingMemoryBound(to: RequestRecord.self))
    }

    var head: RequestHead { record.pointee.head }

    var fields: UnsafeBufferPointer<HeaderField> {
        let start = payload + MemoryLayout<RequestRecord>.stride
        let count = record.pointee.head.fieldCount
        return UnsafeBufferPointer(start: start.assumingMemoryBound(to: HeaderField.self), count: count)
    }

    var bytes: UnsafeRawBufferPointer {
        let head = record.pointee.head
        let offset = MemoryLayout<RequestRecord>.stride + head.fieldCount * MemoryLayout<HeaderField>.stride
        return UnsafeRawBufferPointer(start: payload + offset, count: head.byteCount)
    }

    /// The connection, as long as it serves this request.
    var connection: HTTPConnection? {
        let record = record.pointee
        return record.table._withUnsafeGuaranteedRef { $0.connection(record.slot, serving: record.serial) }
    }

    /// The value of the first field of that name, compared without regard to case (RFC 9110 §5.1).
    func firstValue(_ name: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let bytes = bytes
        for field in fields where ASCIICase.equal(field.name.slice(of: bytes), name) {
            return field.value.slice(of: bytes)
        }
        return nil
    }
}

/// Names that HTTP compares without regard to case.
enum ASCIICase {
    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 0x20 : byte }

    static func equal(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        guard one.count == other.count else { return false }
        for index in 0..<one.count where lowercased(one[index]) != lowercased(other[index]) { return false }
        return true
    }

    static func equal(_ one: UnsafeRawBufferPointer, _ other: StaticString) -> Bool {
        equal(one, UnsafeRawBufferPointer(start: other.utf8Start, count: other.utf8CodeUnitCount))
    }
}
