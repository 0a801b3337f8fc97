// swift-tools-version: 6.1
import PackageDescription

// The rooms, from the bottom up; a target's dependencies are the only imports it may have.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "greenhouse",
    products: [
        .library(name: "Greenhouse", targets: ["Greenhouse"]),
        .executable(name: "greenhouse", targets: ["GreenhouseCommand"]),
    ],
    dependencies: [
        // For the command line only; the library links nothing of it.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
        .target(name: "CGreen", dependencies: ["CLua"]),
        .target(name: "CSystem"),
        // Takes only libcurl's header: the library is loaded when it is first needed.
        .target(name: "CCurl"),
        .target(name: "EventLoop", dependencies: ["CSystem"], swiftSettings: strict),
        .target(
            name: "Green", dependencies: ["EventLoop", "LuaRuntime"], resources: [.embedInCode("green.lua")],
            swiftSettings: strict),
        .target(name: "HTTPWire", swiftSettings: strict),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "WebSocketWire", dependencies: ["HTTPWire", "COpenSSL"], swiftSettings: strict),
        .target(name: "GreenNet", dependencies: ["EventLoop", "CSystem"], swiftSettings: strict),
        .target(
            name: "GreenWSGI", dependencies: ["EventLoop", "LuaRuntime", "Green", "GreenNet", "HTTPWire"],
            resources: [
                .embedInCode("answers.lua"), .embedInCode("errors.lua"), .embedInCode("middleware.lua"),
                .embedInCode("values.lua"), .embedInCode("wsgi.lua"),
            ], swiftSettings: strict),
        .target(
            name: "GreenHttp",
            dependencies: ["EventLoop", "LuaRuntime", "Green", "HTTPWire", "WebSocketWire", "CCurl"],
            resources: [
                .embedInCode("body.lua"), .embedInCode("cookies.lua"), .embedInCode("events.lua"),
                .embedInCode("faults.lua"), .embedInCode("first_use.lua"), .embedInCode("headers.lua"),
                .embedInCode("http.lua"), .embedInCode("json.lua"), .embedInCode("memory.lua"),
                .embedInCode("request.lua"), .embedInCode("response.lua"), .embedInCode("websocket.lua"),
            ], swiftSettings: strict),
        .target(
            name: "Greenhouse",
            dependencies: [
                "EventLoop", "LuaRuntime", "Green", "GreenNet", "GreenWSGI", "GreenHttp", "HTTPWire", "WebSocketWire",
            ], resources: [.embedInCode("environment.lua")], swiftSettings: strict),
        .executableTarget(
            name: "GreenhouseCommand",
            dependencies: ["Greenhouse", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        .target(name: "LuaRuntime", dependencies: ["CGreen"], swiftSettings: strict),
        .testTarget(name: "CSystemTests", dependencies: ["CSystem"], swiftSettings: strict),
        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop"], swiftSettings: strict),
        // CLua is here only for the stock coroutine library, to compare with.
        .testTarget(name: "CGreenTests", dependencies: ["CGreen", "CLua"], swiftSettings: strict),
        .testTarget(name: "LuaRuntimeTests", dependencies: ["LuaRuntime", "CGreen"], swiftSettings: strict),
        .testTarget(name: "HTTPWireTests", dependencies: ["HTTPWire"], swiftSettings: strict),
        .testTarget(
            name: "WebSocketWireTests", dependencies: ["WebSocketWire", "HTTPWire"], swiftSettings: strict),
        .testTarget(name: "GreenNetTests", dependencies: ["GreenNet", "EventLoop", "CSystem"], swiftSettings: strict),
        // Runs the behaviour tests that are written in Lua.
        .target(
            name: "ScriptFacts", dependencies: ["Greenhouse", "Green", "EventLoop", "LuaRuntime"],
            path: "Tests/ScriptFacts", swiftSettings: strict),
        .testTarget(
            name: "GreenTests", dependencies: ["Green", "Greenhouse", "EventLoop", "LuaRuntime", "ScriptFacts"],
            swiftSettings: strict),
        .testTarget(
            name: "GreenHttpTests",
            dependencies: [
                "GreenHttp", "Greenhouse", "Green", "EventLoop", "LuaRuntime", "HTTPWire", "WebSocketWire",
                "ScriptFacts",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "GreenWSGITests",
            dependencies: ["GreenWSGI", "Green", "GreenNet", "EventLoop", "HTTPWire", "LuaRuntime", "Greenhouse"],
            swiftSettings: strict),
        .testTarget(name: "GreenhouseCommandTests", dependencies: ["GreenhouseCommand"], swiftSettings: strict),
        .testTarget(
            name: "GreenhouseTests",
            dependencies: ["Greenhouse", "EventLoop", "LuaRuntime", "Green", "GreenNet", "GreenWSGI"],
            swiftSettings: strict),
    ]
)
