/// What relative URLs are relative to, and who asks there.
///
/// A class, since each request looks at it, and a copy would count the references of all its parts.
final class BaseURL: Sendable {
    /// Absolute, without user and password.
    let url: String
    /// User and password that were in it: for this origin alone, since absolute URLs lead to others.
    let authentication: Authentication?
    private let origin: RequestURL.Origin?
    /// "http://host:port" as it is in `url`.
    private let originText: String

    /// - Parameter text: an http or https URL, encoded.
    /// - Throws: `.invalid` for what is no such URL, or names a user that cannot be sent.
    init(_ text: String) throws(HTTPClientError) {
        var url = try RequestURL.make(text, base: nil)
        authentication = try RequestURL.takeUser(from: &url)
        if let fault = authentication?.fault { throw HTTPClientError(.invalid, "URL '\(url)': \(fault)") }
        self.url = url
        origin = authentication == nil ? nil : RequestURL.Origin(url)
        let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
        originText = String(url[..<(url[start...].firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? url.endIndex)])
    }

    /// Its authentication, for a URL of its origin: scheme, host and port are the same.
    func authentication(for absolute: String) -> Authentication? {
        guard authentication != nil else { return nil }
        // Most URLs are made from this one.
        if absolute.hasPrefix(originText), absolute.utf8.dropFirst(originText.utf8.count).first == UInt8(ascii: "/") {
            return authentication
        }
        guard let origin, let other = RequestURL.Origin(absolute), other.isSame(as: origin) else { return nil }
        return authentication
    }
}
