import CCurl

/// The cookies of a client, kept and sent by libcurl's cookie engine, which knows the public suffix list (RFC 6265).
///
/// Loop thread only.
final class CookieJar {
    private let share: UnsafeMutableRawPointer
    /// A handle that makes no transfers: for looking into the jar.
    private let door: UnsafeMutableRawPointer

    init() {
        guard let share = ccurl_share_init(), let door = ccurl_easy_init() else { fatalError("out of memory") }
        self.share = share
        self.door = door
        ccurl_share_set(share, CURLSHOPT_SHARE, Int(CURL_LOCK_DATA_COOKIE.rawValue))
        ccurl_share_set(share, CURLSHOPT_SHARE, Int(CURL_LOCK_DATA_PSL.rawValue))
        ccurl_set_pointer(door, CURLOPT_SHARE, share)
        ccurl_set_text(door, CURLOPT_COOKIEFILE, "")
    }

    /// After the last handle that was attached is gone.
    deinit {
        ccurl_easy_cleanup(door)
        ccurl_share_cleanup(share)
    }

    /// Has a handle's transfers take part.
    func attach(_ handle: EasyHandle) {
        ccurl_set_pointer(handle.pointer, CURLOPT_SHARE, share)
        handle.set(CURLOPT_COOKIEFILE, "")
    }

    /// Every cookie as a line of a Netscape cookie file: domain, whether subdomains too, path, whether only by TLS,
    /// expiry (0: with the session), name, value, with tabs between them.
    var lines: [String] {
        guard let list = ccurl_get_list(door, CURLINFO_COOKIELIST) else { return [] }
        defer { ccurl_slist_free_all(list) }
        var lines: [String] = []
        var next: UnsafeMutablePointer<curl_slist>? = list
        while let one = next?.pointee {
            if let text = one.data { lines.append(String(cString: text)) }
            next = one.next
        }
        return lines
    }

    /// Adds a cookie: a line of such a file, or "Set-Cookie: …".
    func add(_ line: String) { ccurl_set_text(door, CURLOPT_COOKIELIST, line) }

    /// Drops all.
    func clear() { ccurl_set_text(door, CURLOPT_COOKIELIST, "ALL") }

    /// Drops those that last as long as the session.
    func clearSession() { ccurl_set_text(door, CURLOPT_COOKIELIST, "SESS") }

    /// Adds the cookies of a Netscape cookie file; false, with errno set, when it cannot be read.
    func load(_ path: String) -> Bool {
        guard let bytes = SmallFile.read(path) else { return false }
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let isComment = line.hasPrefix("#") && !line.hasPrefix("#HttpOnly_")
            if !isComment { add(String(line)) }
        }
        return true
    }

    /// Writes all as such a file, readable by its owner only; false, with errno set, when that fails.
    func save(_ path: String) -> Bool {
        let text = (["# Netscape HTTP Cookie File"] + lines).joined(separator: "\n") + "\n"
        return SmallFile.replace(path, with: Array(text.utf8))
    }
}
