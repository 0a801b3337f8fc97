import CCurl
import Glibc

/// What libcurl calls during a transfer: each finds its exchange, and does nothing that could call libcurl again.
enum TransferCallbacks {
    static func install(on handle: EasyHandle, context: UnsafeMutableRawPointer) {
        let easy = handle.pointer
        ccurl_set_data_callback(easy, CURLOPT_WRITEFUNCTION, write)
        ccurl_set_data_callback(easy, CURLOPT_HEADERFUNCTION, header)
        ccurl_set_data_callback(easy, CURLOPT_READFUNCTION, read)
        ccurl_set_seek_callback(easy, seek)
        ccurl_set_close_callback(easy, close)
        ccurl_set_request_callback(easy, request)
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA, CURLOPT_PREREQDATA] {
            ccurl_set_pointer(easy, option, context)
        }
        // Connections outlive handles: theirs is the multi.
        // Safety: the client closes its multi, and with it the connections, before it goes.
        let multi = Unmanaged.passUnretained(handle.client.multi).toOpaque()
        ccurl_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, multi)
        ccurl_set_open_callback(easy, open)
        ccurl_set_pointer(easy, CURLOPT_SOCKOPTDATA, multi)
    }

    // Safety, here and below: the context is the handle, which lives as long as its transfer.
    @inline(__always)
    private static func exchange(_ context: UnsafeMutableRawPointer) -> Exchange? {
        Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue().exchange
    }

    /// The same, not counted: it lives as long as its transfer, which no callback ends.
    @inline(__always)
    private static func uncounted(_ context: UnsafeMutableRawPointer) -> Unmanaged<Exchange>? {
        Unmanaged<EasyHandle>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.uncountedExchange }
    }

    private static let write: ccurl_data_callback = { bytes, _, count, context in
        uncounted(context)?._withUnsafeGuaranteedRef {
            $0.received(UnsafeRawBufferPointer(start: bytes, count: count))
        } ?? 0
    }

    private static let header: ccurl_data_callback = { bytes, size, count, context in
        uncounted(context)?._withUnsafeGuaranteedRef {
            $0.receivedHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
        } ?? 0
    }

    private static let read: ccurl_data_callback = { bytes, size, count, context in
        exchange(context)?.send(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
            ?? Int(CURL_READFUNC_ABORT)
    }

    private static let seek: ccurl_seek_callback = { context, offset, origin in
        guard let exchange = exchange(context), offset == 0, origin == SEEK_SET else { return CURL_SEEKFUNC_CANTSEEK }
        return exchange.rewind() ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_CANTSEEK
    }

    private static let open: ccurl_open_callback = { context, socket, _ in
        Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().opened(socket)
        return Int32(CURL_SOCKOPT_OK)
    }

    private static let close: ccurl_close_callback = { context, socket in
        Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().forget(socket)
        return Glibc.close(socket)
    }

    private static let request: ccurl_request_callback = { context, _, _, _, _ in
        Int32(exchange(context)?.requestBegins() == false ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK)
    }
}
