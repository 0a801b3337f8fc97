/// Which end of the connection this is: it decides who masks (RFC 6455 §5.1).
public enum Role: Sendable, Equatable {
    /// Masks every frame it sends and refuses masked frames.
    case client
    /// Masks nothing and refuses unmasked frames.
    case server
}
