import CCurl

/// A URL as libcurl has read it.
final class ParsedURL {
    let pointer: OpaquePointer

    /// nil for a URL that libcurl cannot read: it will say why when it is asked for.
    init?(_ url: String) {
        guard let pointer = ccurl_url() else { return nil }
        self.pointer = pointer
        if ccurl_url_set(pointer, CURLUPART_URL, url, 0) != CURLUE_OK { return nil }
    }

    deinit { ccurl_url_cleanup(pointer) }
}

/// The URLs that a client asks for again and again, so that libcurl need not read them each time: an eighth of what a
/// request costs there. Those asked for once are not kept.
final class ParsedURLs {
    private struct Entry {
        var url = ""
        var parsed: ParsedURL?
        var isUnreadable = false
    }

    /// By the URL's hash; one replaces another.
    private var entries = [Entry](repeating: Entry(), count: 64)

    /// The URL, if it was asked for before.
    func parsed(_ url: String) -> ParsedURL? {
        let place = url.hashValue & 63
        guard entries[place].url == url else {
            entries[place] = Entry(url: url)
            return nil
        }
        if let parsed = entries[place].parsed { return parsed }
        if entries[place].isUnreadable { return nil }
        let parsed = ParsedURL(url)
        entries[place].parsed = parsed
        entries[place].isUnreadable = parsed == nil
        return parsed
    }
}
