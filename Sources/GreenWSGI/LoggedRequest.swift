import EventLoop
import GreenNet
import HTTPWire

/// What the access log needs of a request once it is over. Made only when there is a log.
struct LoggedRequest {
    private let method: [UInt8]
    private let target: [UInt8]
    private let referer: [UInt8]
    private let userAgent: [UInt8]
    private let minorVersion: UInt8
    private let start: MonotonicTime
    var status = 200
    var bodyBytes = 0

    init(
        _ head: RequestHead, _ fields: UnsafeBufferPointer<HeaderField>, _ bytes: UnsafeRawBufferPointer,
        start: MonotonicTime
    ) {
        method = Array(head.methodName.slice(of: bytes))
        target = Array(head.target.slice(of: bytes))
        minorVersion = head.minorVersion
        self.start = start
        func value(_ name: StaticString) -> [UInt8] {
            for field in fields where ASCIICase.equal(field.name.slice(of: bytes), name) {
                return Array(field.value.slice(of: bytes))
            }
            return []
        }
        referer = value("Referer")
        userAgent = value("User-Agent")
    }

    func record(status: Int, bodyBytes: Int, remote: String, in server: HTTPServer) {
        var remote = remote
        remote.withUTF8 { remote in
            method.withUnsafeBytes { method in
                target.withUnsafeBytes { target in
                    referer.withUnsafeBytes { referer in
                        userAgent.withUnsafeBytes { userAgent in
                            var entry = AccessLogEntry(status: status, bodyBytes: bodyBytes)
                            entry.remote = UnsafeRawBufferPointer(remote)
                            entry.method = method
                            entry.target = target
                            entry.referer = referer
                            entry.userAgent = userAgent
                            let version: StaticString = minorVersion == 0 ? "HTTP/1.0" : "HTTP/1.1"
                            entry.version = UnsafeRawBufferPointer(
                                start: version.utf8Start, count: version.utf8CodeUnitCount)
                            entry.durationNanoseconds =
                                server.loop.now.nanoseconds - start.nanoseconds
                            server.record(entry)
                        }
                    }
                }
            }
        }
    }
}

extension HTTPConnection {
    /// One line in the access log, if there is one.
    func recordExchange(status: Int, bodyBytes: Int) {
        guard server.accessLog != nil else { return }
        if let logged {
            logged.record(status: status, bodyBytes: bodyBytes, remote: remoteHost, in: server)
            return
        }
        // Nothing of the request could be understood.
        var remote = remoteHost
        remote.withUTF8 { remote in
            var entry = AccessLogEntry(status: status, bodyBytes: bodyBytes)
            entry.remote = UnsafeRawBufferPointer(remote)
            server.record(entry)
        }
    }
}
