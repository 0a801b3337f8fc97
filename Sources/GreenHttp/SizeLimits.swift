/// Sizes beyond which a response is given up.
public struct SizeLimits: Sendable, Equatable {
    /// Most bytes of a body that is collected in memory, unpacked; nil for no limit. Default 100 MiB. A streamed body
    /// has this limit only where it was asked for.
    public var body: Int? = 100 << 20
    /// Most bytes of a response's header, interim responses included. Default 256 KiB.
    public var header = 256 << 10
    /// How many times its packed size a compressed body may have, from 10 MiB on: beyond, it is a decompression bomb.
    /// Default 200.
    public var ratio = 200

    /// The defaults.
    public init() {}
}
