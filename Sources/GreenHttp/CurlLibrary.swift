import CCurl

/// libcurl itself, loaded when this is first asked, once for the process.
enum CurlLibrary {
    /// Why there is none; nil when there is. To be asked before anything else of libcurl.
    static let problem: String? = {
        var problem: UnsafePointer<CChar>?
        if ccurl_load(&problem) { return nil }
        return problem.map { String(cString: $0) } ?? "it could not be loaded"
    }()
}
