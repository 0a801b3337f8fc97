/// How an access log line is written. No byte a client sends can end a line or leave its quotes.
public enum AccessLogFormat: Sendable {
    /// The common log format: `host ident user [time] "request" status bytes`.
    ///
    /// Times are UTC, the size is `-` when no body was sent, and so is everything unknown; `ident` always is.
    case common
    /// The common log format with `"referer" "user-agent"` behind.
    case combined
    /// One JSON object a line, with `duration_ns` beside what `combined` has; unknown texts are left out.
    case json

    /// Appends one line and its line feed.
    func append(_ entry: AccessLogEntry, at time: AccessLogTime, to output: inout [UInt8]) {
        switch self {
        case .common:
            appendCommon(entry, at: time, to: &output)
        case .combined:
            appendCommon(entry, at: time, to: &output)
            output.append(Self.space)
            appendQuoted(entry.referer, to: &output)
            output.append(Self.space)
            appendQuoted(entry.userAgent, to: &output)
        case .json:
            appendObject(entry, at: time, to: &output)
        }
        output.append(UInt8(ascii: "\n"))
    }

    private static var space: UInt8 { UInt8(ascii: " ") }
    private static var quote: UInt8 { UInt8(ascii: "\"") }
    private static var dash: UInt8 { UInt8(ascii: "-") }

    private func appendCommon(_ entry: AccessLogEntry, at time: AccessLogTime, to output: inout [UInt8]) {
        appendWord(entry.remote, to: &output)
        output.append(contentsOf: " - ".utf8)
        appendWord(entry.user, to: &output)
        output.append(contentsOf: " [".utf8)
        output.append(contentsOf: time.common)
        output.append(contentsOf: "] ".utf8)
        appendRequest(entry, to: &output)
        output.append(Self.space)
        appendDecimal(Int64(entry.status), to: &output)
        output.append(Self.space)
        if entry.bodyBytes == 0 {
            output.append(Self.dash)
        } else {
            appendDecimal(Int64(entry.bodyBytes), to: &output)
        }
    }

    private func appendRequest(_ entry: AccessLogEntry, to output: inout [UInt8]) {
        output.append(Self.quote)
        if entry.method.isEmpty {
            output.append(Self.dash)
        } else {
            appendEscaped(entry.method, to: &output)
            output.append(Self.space)
            appendEscaped(entry.target, to: &output)
            if !entry.version.isEmpty {
                output.append(Self.space)
                appendEscaped(entry.version, to: &output)
            }
        }
        output.append(Self.quote)
    }

    private func appendQuoted(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        output.append(Self.quote)
        if text.isEmpty {
            output.append(Self.dash)
        } else {
            appendEscaped(text, to: &output)
        }
        output.append(Self.quote)
    }

    /// A field without quotes: also its spaces are escaped, so that the fields behind it keep their places.
    private func appendWord(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        if text.isEmpty {
            output.append(Self.dash)
        } else {
            appendEscaped(text, escapingUpTo: 0x20, to: &output)
        }
    }

    /// Writes quotes and backslashes with a backslash, and everything that is no printable ASCII as `\xhh`, as Apache httpd does.
    private func appendEscaped(
        _ text: UnsafeRawBufferPointer, escapingUpTo limit: UInt8 = 0x1F, to output: inout [UInt8]
    ) {
        var clean = 0
        for index in text.indices {
            let byte = text[index]
            let isSpecial = byte == Self.quote || byte == UInt8(ascii: "\\")
            if byte > limit, byte < 0x7F, !isSpecial { continue }
            output.append(contentsOf: text[clean..<index])
            clean = index + 1
            output.append(UInt8(ascii: "\\"))
            if isSpecial {
                output.append(byte)
            } else {
                output.append(UInt8(ascii: "x"))
                output.append(JSONText.hexDigit(byte >> 4))
                output.append(JSONText.hexDigit(byte & 0x0F))
            }
        }
        output.append(contentsOf: text[clean...])
    }

    private func appendObject(_ entry: AccessLogEntry, at time: AccessLogTime, to output: inout [UInt8]) {
        output.append(contentsOf: "{\"time\":\"".utf8)
        output.append(contentsOf: time.internet)
        output.append(Self.quote)
        appendMember("remote", entry.remote, to: &output)
        appendMember("user", entry.user, to: &output)
        appendMember("method", entry.method, to: &output)
        appendMember("target", entry.target, to: &output)
        appendMember("version", entry.version, to: &output)
        output.append(contentsOf: ",\"status\":".utf8)
        appendDecimal(Int64(entry.status), to: &output)
        output.append(contentsOf: ",\"bytes\":".utf8)
        appendDecimal(Int64(entry.bodyBytes), to: &output)
        output.append(contentsOf: ",\"duration_ns\":".utf8)
        appendDecimal(entry.durationNanoseconds, to: &output)
        appendMember("referer", entry.referer, to: &output)
        appendMember("user_agent", entry.userAgent, to: &output)
        output.append(UInt8(ascii: "}"))
    }

    private func appendMember(_ name: StaticString, _ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        if text.isEmpty { return }
        output.append(UInt8(ascii: ","))
        output.append(Self.quote)
        name.withUTF8Buffer { output.append(contentsOf: $0) }
        output.append(Self.quote)
        output.append(UInt8(ascii: ":"))
        JSONText.appendString(text, to: &output)
    }

    private func appendDecimal(_ number: Int64, to output: inout [UInt8]) {
        if number < 0 { output.append(Self.dash) }
        let magnitude = number.magnitude
        var divisor: UInt64 = 1
        while magnitude / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            output.append(UInt8(truncatingIfNeeded: magnitude / divisor % 10) + UInt8(ascii: "0"))
            divisor /= 10
        }
    }
}
