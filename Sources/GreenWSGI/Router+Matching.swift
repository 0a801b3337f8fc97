extension Router {
    /// Finds the route for a request.
    ///
    /// `method` is the method's name as it came (case-sensitive) and `path` the raw, still encoded path without
    /// query; empty counts as `/` (RFC 9110 §4.2.3), and `*` (RFC 9112 §3.2.4) answers `OPTIONS` with all methods of the table.
    /// The found route's parameters are put into `parameters`, which every other outcome leaves empty.
    public func match(
        method: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer, into parameters: inout RouteParameters
    ) -> RouteMatch {
        parameters.removeAll()
        let path = path.isEmpty ? Self.rootPath : path
        let methodIndex = index(ofMethod: method)
        guard path[0] == Self.slash else {
            guard path.count == 1, path[0] == UInt8(ascii: "*"), methodIndex == Self.options else { return .badPath }
            return .options(allow: allow(terminals.reduce(0) { $0 | $1.methods }))
        }
        guard let hasEscapes = Self.findEscapes(in: path) else { return .badPath }

        var search = Search(path: path, method: methodIndex, hasEscapes: hasEscapes)
        let route = find(below: 0, from: 1, &search)
        if route >= 0 {
            guard capture(Int(route), in: path, into: &parameters) else {
                parameters.removeAll()
                return .badPath
            }
            return .found(route: Int(route))
        }
        if search.allowed == 0 { return .notFound }
        let allow = allow(search.allowed)
        return methodIndex == Self.options ? .options(allow: allow) : .methodNotAllowed(allow: allow)
    }

    private static var slash: UInt8 { UInt8(ascii: "/") }
    /// What an empty path means; a literal's bytes live as long as the process.
    private static var rootPath: UnsafeRawBufferPointer {
        let text: StaticString = "/"
        return UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
    private static var get: Int { 0 }
    private static var head: Int { 1 }
    private static var options: Int { 2 }

    /// What one search knows, and the methods of the terminals it passed without finding its own.
    private struct Search {
        let path: UnsafeRawBufferPointer
        let method: Int
        let hasEscapes: Bool
        var allowed: UInt64 = 0
    }

    /// The best route below a node for the path from `start` on; `start` beyond the path's end means that no segment is left.
    ///
    /// A node's depth decides which segment it is asked about, so going back and trying the next way visits no node twice.
    private func find(below index: Int, from start: Int, _ search: inout Search) -> Int32 {
        let node = nodes[index]
        guard start <= search.path.count else { return route(at: node.end, &search) }

        var hash = SegmentHash(parent: index)
        let end = hashSegment(from: start, search, into: &hash)
        let segment = UnsafeRawBufferPointer(rebasing: search.path[start..<end])
        let literal = literalChild(of: index, hash: hash, segment: segment, hasEscapes: search.hasEscapes)
        if literal >= 0 {
            let route = find(below: literal, from: end + 1, &search)
            if route >= 0 { return route }
        }
        if node.parameter >= 0, end > start {
            let route = find(below: Int(node.parameter), from: end + 1, &search)
            if route >= 0 { return route }
        }
        return route(at: node.rest, &search)
    }

    /// Hashes the decoded segment that begins at `start` and returns where it ends.
    @inline(__always)
    private func hashSegment(from start: Int, _ search: Search, into hash: inout SegmentHash) -> Int {
        let path = search.path
        var end = start
        while end < path.count, path[end] != Self.slash {
            if search.hasEscapes, path[end] == PercentCoding.percent,
                let byte = PercentCoding.escapedByte(in: path, at: end)
            {
                hash.combine(byte)
                end += 3
            } else {
                hash.combine(path[end])
                end += 1
            }
        }
        return end
    }

    /// A terminal's route for the searched method, or -1 after noting the methods it does have.
    private func route(at terminal: Int32, _ search: inout Search) -> Int32 {
        guard terminal >= 0 else { return -1 }
        let index = Int(terminal)
        if search.method >= 0 {
            let exact = route(of: UInt8(search.method), at: index)
            if exact >= 0 { return exact }
            if search.method == Self.head {
                let get = route(of: UInt8(Self.get), at: index)
                if get >= 0 { return get }
            }
        }
        if terminals[index].anyRoute >= 0 { return terminals[index].anyRoute }
        search.allowed |= terminals[index].methods
        return -1
    }

    private func index(ofMethod method: UnsafeRawBufferPointer) -> Int {
        let key = MethodKey(method)
        for index in methodKeys.indices where methodKeys[index] == key {
            if method.count <= MethodKey.exactCount || methodNames[index].utf8.elementsEqual(method) { return index }
        }
        return -1
    }

    /// The value of an `Allow` field: what is registered, `HEAD` where there is `GET`, and `OPTIONS`, which we answer ourselves.
    private func allow(_ methods: UInt64) -> String {
        var methods = methods | 1 << UInt64(Self.options)
        if methods & 1 << UInt64(Self.get) != 0 { methods |= 1 << UInt64(Self.head) }
        var text = ""
        for index in methodNames.indices where methods & 1 << UInt64(index) != 0 {
            if !text.isEmpty { text += ", " }
            text += methodNames[index]
        }
        return text
    }

    /// Whether the path has escapes; nil when one of them is malformed.
    private static func findEscapes(in path: UnsafeRawBufferPointer) -> Bool? {
        var found = false
        for index in path.indices where path[index] == PercentCoding.percent {
            guard PercentCoding.escapedByte(in: path, at: index) != nil else { return nil }
            found = true
        }
        return found
    }

    /// Decodes a found route's parameters; false when one of them must not be handed out.
    private func capture(_ route: Int, in path: UnsafeRawBufferPointer, into parameters: inout RouteParameters) -> Bool
    {
        let count = captures[route].segments.count
        if count == 0 { return true }
        var segment = 0
        var start = 1
        for index in 0..<count {
            while segment < captures[route].segments[index] {
                start = Self.segmentEnd(from: start, in: path) + 1
                segment += 1
            }
            let isRest = captures[route].endsInRest && index == count - 1
            let end = isRest ? path.count : Self.segmentEnd(from: start, in: path)
            let text = UnsafeRawBufferPointer(rebasing: path[start..<end])
            guard parameters.append(decoding: text) else { return false }
        }
        return true
    }

    private static func segmentEnd(from start: Int, in path: UnsafeRawBufferPointer) -> Int {
        var end = start
        while end < path.count, path[end] != slash { end += 1 }
        return end
    }
}
