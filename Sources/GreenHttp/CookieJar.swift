import CCurl
import Glibc

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

    /// Has them take no part; resetting a handle does not do that (ccurl_easy_reset(3)).
    static func detach(_ handle: EasyHandle) { ccurl_set_pointer(handle.pointer, CURLOPT_SHARE, nil) }

    /// Every cookie as a line of a Netscape cookie file: domain, whether subdomains too, path, whether only by TLS,
    /// expiry (0: with the session), name, value, with tabs between them.
    var lines: [[UInt8]] {
        guard let list = ccurl_get_list(door, CURLINFO_COOKIELIST) else { return [] }
        defer { ccurl_slist_free_all(list) }
        var lines: [[UInt8]] = []
        let now = time(nil)
        var next: UnsafeMutablePointer<curl_slist>? = list
        while let one = next?.pointee {
            if let text = one.data {
                let line = Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
                if !Self.isExpired(line, now) { lines.append(line) }
            }
            next = one.next
        }
        return lines
    }

    /// libcurl lists what has expired until it is about to send cookies again.
    private static func isExpired(_ line: [UInt8], _ now: Int) -> Bool {
        let fields = line.split(separator: 9, maxSplits: 5, omittingEmptySubsequences: false)
        guard fields.count > 4, let expiry = Int(String(decoding: fields[4], as: UTF8.self)) else { return false }
        return expiry != 0 && expiry <= now
    }

    /// Adds a cookie: a line of such a file. Others do nothing: libcurl would take "ALL" as a command.
    func add(_ line: [UInt8]) {
        guard line.count(where: { $0 == 9 }) >= 5, !line.contains(0) else { return }
        _ = (line + [0]).withUnsafeBytes { bytes in
            ccurl_set_text(door, CURLOPT_COOKIELIST, bytes.bindMemory(to: CChar.self).baseAddress)
        }
    }

    /// Drops all.
    func clear() { ccurl_set_text(door, CURLOPT_COOKIELIST, "ALL") }

    /// Drops those that last as long as the session.
    func clearSession() { ccurl_set_text(door, CURLOPT_COOKIELIST, "SESS") }

    /// A cookie file has this many bytes at most, 16 MiB.
    private static let mostBytes = 16 << 20

    /// Adds the cookies of a Netscape cookie file.
    /// - Throws: when it cannot be read.
    func load(_ path: String) throws(SmallFile.Fault) {
        let bytes = try SmallFile.read(path, most: Self.mostBytes)
        for line in bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            let isComment = line.first == UInt8(ascii: "#") && !line.starts(with: "#HttpOnly_".utf8)
            if !isComment { add(Array(line)) }
        }
    }

    /// Writes all as such a file, readable by its owner only; false, with errno set, when that fails.
    func save(_ path: String) -> Bool {
        var text = Array("# Netscape HTTP Cookie File\n".utf8)
        for line in lines { text += line + [10] }
        return SmallFile.replace(path, with: text)
    }
}
