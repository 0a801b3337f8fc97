// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "embed",
    dependencies: [.package(name: "greenhouse", path: "../..")],
    targets: [
        .executableTarget(name: "embed", dependencies: [.product(name: "Greenhouse", package: "greenhouse")])
    ]
)
