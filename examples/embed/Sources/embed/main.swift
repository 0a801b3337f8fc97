import Glibc
import Greenhouse

// A Swift program that gives scripts two functions and serves a Lua app with them.
//   swift run embed [app.lua]           serves on http://127.0.0.1:8060
//   swift run embed [app.lua] --check   asks itself for one page, and ends

/// Stands for whatever the program really has: a database, a service.
actor Users {
    private let names = [1: "Ada", 2: "Grace"]
    func name(of id: Int) -> String? { names[id] }
}

let isCheck = CommandLine.arguments.contains("--check")
let app = CommandLine.arguments.dropFirst().first { $0 != "--check" } ?? "app.lua"

let loop = try EventLoop(name: "lua")
loop.start()
// No files, no processes, at most 64 MiB: the app is not trusted with more.
let host = try await ScriptHost(on: loop, limits: RunLimits(memory: 64 << 20))

let users = Users()
try await host.register("greeting") { (name: String) in "hello \(name)" }
try await host.registerAsync("user") { (id: Int) async in await users.name(of: id) }

let server = try await host.serve(ScriptFile(reading: app), on: isCheck ? "127.0.0.1:0" : "127.0.0.1:8060")
print("listening on http://\(server.address)")

if isCheck {
    let answer = get("/users/2", from: server.address)
    print(answer)
    await server.stop()
    await host.close()
    exit(answer.hasSuffix("\r\n\r\nhello Grace\n") ? 0 : 1)
}
loop.join()

/// Asks for one page over a plain socket; the whole answer, empty when there is none.
func get(_ path: String, from address: SocketAddress) -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    guard address.withSockaddr({ connect(descriptor, $0, $1) }) == 0 else { return "" }
    let request = "GET \(path) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n"
    guard write(descriptor, request, request.utf8.count) == request.utf8.count else { return "" }
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = read(descriptor, &chunk, chunk.count), count > 0 { answer += chunk[..<count] }
    return String(decoding: answer, as: UTF8.self)
}
