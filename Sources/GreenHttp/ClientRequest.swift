/// What is asked for. One for each exchange, which changes it when it is redirected.
///
/// A class, since a request goes through many hands, and each copy would count the references of all its parts.
final class ClientRequest {
    var method: String
    /// Absolute.
    var url: String
    /// nil: the client's own, as they are.
    var headers: [HeaderList.Field]?
    var upload = Upload.none
    /// Cookies for this request beside the jar's: "a=1; b=2".
    var cookies: String?
    /// The body is read while it comes, instead of collected.
    var isStreamed = false

    init(method: String = "GET", url: String) {
        self.method = method
        self.url = url
    }

    /// Makes one text of all cookies that do not come from the jar.
    func gatherCookies(_ client: HTTPClient) {
        if headers == nil, client.headers.isEmpty { return }
        var fields = headers ?? client.headers
        guard let given = HeaderList.takeCookies(from: &fields) else { return }
        headers = fields
        cookies = cookies.map { "\(given); \($0)" } ?? given
    }
}
