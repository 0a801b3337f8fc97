import LuaRuntime

/// The open connections of a server by number: how request objects, which hold no references, find theirs.
///
/// Loop thread only.
final class ConnectionTable {
    private(set) var connections: [HTTPConnection?] = []
    private var free: [Int] = []
    /// How many are open.
    var count: Int { connections.count - free.count }

    func insert(_ connection: HTTPConnection) -> Int {
        if let slot = free.popLast() {
            connections[slot] = connection
            return slot
        }
        connections.append(connection)
        return connections.count - 1
    }

    func remove(_ slot: Int) {
        connections[slot] = nil
        free.append(slot)
    }

    /// The connection that serves request `serial` right now, or nil when that request is over.
    func connection(_ slot: Int, serving serial: UInt64) -> HTTPConnection? {
        guard slot < connections.count, let connection = connections[slot], connection.serial == serial else {
            return nil
        }
        return connection
    }
}
