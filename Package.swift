// swift-tools-version: 6.1
import PackageDescription

// The rooms, from the bottom up; a target's dependencies are the only imports it may have.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let warnings: [CSetting] = []

let package = Package(
    name: "greenhouse",
    products: [
        .executable(name: "greenhouse", targets: ["GreenhouseCommand"]),
    ],
    targets: [
        .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
        .target(name: "CGreen", dependencies: ["CLua"]),
        .target(name: "CSystem"),
        .target(name: "EventLoop", dependencies: ["CSystem"], swiftSettings: strict),
        .target(
            name: "Green", dependencies: ["EventLoop", "LuaRuntime"], resources: [.embedInCode("green.lua")],
            swiftSettings: strict),
        .target(name: "HTTPWire", swiftSettings: strict),
        .target(name: "GreenNet", dependencies: ["EventLoop", "CSystem"], swiftSettings: strict),
        .target(
            name: "GreenWSGI", dependencies: ["EventLoop", "LuaRuntime", "Green", "GreenNet", "HTTPWire"],
            resources: [.embedInCode("wsgi.lua")], swiftSettings: strict),
        .target(
            name: "Greenhouse", dependencies: ["EventLoop", "LuaRuntime", "Green", "GreenNet", "GreenWSGI", "HTTPWire"],
            swiftSettings: strict),
        .executableTarget(name: "GreenhouseCommand", dependencies: ["Greenhouse"], swiftSettings: strict),
        .target(name: "LuaRuntime", dependencies: ["CGreen"], swiftSettings: strict),
    ]
)
