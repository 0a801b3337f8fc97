/// The table that finds the route for a request's method and path: a trie of path segments.
///
/// - A literal segment wins over `:name`, `:name` over `*name`; when the more special way turns out to lead
///   nowhere, or to no route for the method, the next one is tried. A trailing slash is significant, and
///   nothing is normalised: `//`, `.` and `..` are segments like others.
/// - A route for a method wins over one for any method on the same pattern. `HEAD` is answered by the `GET`
///   route when there is no `HEAD` route, `OPTIONS` with the list of methods unless a route takes it.
/// - Segments are compared decoded, and `%2F` does not separate segments. A malformed escape anywhere makes
///   the path bad. No parameter holds a `..` segment or a NUL; one may begin with a slash
///   (`/files//etc` gives `/etc` to `/files/*path`), so join it below a directory, never resolve it.
///
/// Matching visits every node of the trie at most once, whatever the path, and allocates nothing
/// on a literal match. A value: add all routes, then share it with any thread.
public struct Router: Sendable {
    /// The registered routes; a route's index is its place here.
    public private(set) var routes: [RoutePattern] = []

    var nodes: [Node] = [Node(parent: -1)]
    var terminals: [Terminal] = []
    var entries: [MethodEntry] = []
    /// Literal children of all nodes: an open-addressed table of node indexes, -1 where free, at most half full.
    var literalSlots: [Int32] = Array(repeating: -1, count: 16)
    /// The text of all literal segments, one after the other.
    var literalText: [UInt8] = []
    /// Known method names; a method's index is its bit in `Terminal.methods`.
    var methodNames: [String] = ["GET", "HEAD", "OPTIONS"]
    /// The keys of `methodNames`, for matching.
    var methodKeys: [MethodKey] = []
    /// For each route, which segments of the path are its parameters.
    var captures: [Captures] = []

    private var literalCount = 0

    /// An empty table.
    public init() {
        methodKeys = methodNames.map(Self.key)
    }

    /// Adds a route, `"GET /users/:id"`, and returns its index: 0 for the first, then counting up.
    ///
    /// The syntax is `RoutePattern`'s. Throws `.badRoute` when the text does not follow it and `.duplicateRoute` when
    /// a method of it is taken on the same pattern (names of parameters make no difference); the table is then as before.
    @discardableResult
    public mutating func add(_ text: String) throws(WSGIError) -> Int {
        try add(RoutePattern(text))
    }

    /// Adds a route that was taken apart already; otherwise as `add(_:)` with a text.
    @discardableResult
    public mutating func add(_ pattern: RoutePattern) throws(WSGIError) -> Int {
        var changed = self
        let index = try changed.insert(pattern)
        self = changed
        return index
    }

    private mutating func insert(_ pattern: RoutePattern) throws(WSGIError) -> Int {
        let terminal = makeTerminal(for: pattern)
        let route = Int32(routes.count)
        if pattern.methods.isEmpty {
            try checkFree(terminals[terminal].anyRoute, for: pattern, answering: "any method")
            terminals[terminal].anyRoute = route
        }
        for name in pattern.methods {
            let method = try methodIndex(name, for: pattern)
            try checkFree(self.route(of: method, at: terminal), for: pattern, answering: name)
            entries.append(MethodEntry(method: method, route: route, next: terminals[terminal].firstEntry))
            terminals[terminal].firstEntry = Int32(entries.count - 1)
            terminals[terminal].methods |= 1 << UInt64(method)
        }
        routes.append(pattern)
        captures.append(Captures(pattern))
        return Int(route)
    }

    /// The terminal where paths of this pattern end, made with the nodes on the way when missing.
    private mutating func makeTerminal(for pattern: RoutePattern) -> Int {
        var node = 0
        for segment in pattern.segments {
            switch segment {
            case .literal(let text):
                node = makeLiteralChild(of: node, text)
            case .parameter:
                if nodes[node].parameter < 0 {
                    nodes[node].parameter = Int32(nodes.count)
                    nodes.append(Node(parent: Int32(node)))
                }
                node = Int(nodes[node].parameter)
            case .rest:
                if nodes[node].rest < 0 { nodes[node].rest = makeTerminal() }
                return Int(nodes[node].rest)
            }
        }
        if nodes[node].end < 0 { nodes[node].end = makeTerminal() }
        return Int(nodes[node].end)
    }

    private mutating func makeTerminal() -> Int32 {
        terminals.append(Terminal())
        return Int32(terminals.count - 1)
    }

    private mutating func makeLiteralChild(of parent: Int, _ text: [UInt8]) -> Int {
        var hash = SegmentHash(parent: parent)
        for byte in text { hash.combine(byte) }
        let found = text.withUnsafeBytes { literalChild(of: parent, hash: hash, segment: $0, hasEscapes: false) }
        if found >= 0 { return found }

        var child = Node(parent: Int32(parent))
        child.hash = hash.value
        child.textStart = Int32(literalText.count)
        child.textCount = Int32(text.count)
        literalText.append(contentsOf: text)
        nodes.append(child)
        literalCount += 1
        if literalCount * 2 > literalSlots.count {
            growLiteralSlots()
        } else {
            placeLiteral(nodes.count - 1)
        }
        return nodes.count - 1
    }

    private mutating func growLiteralSlots() {
        literalSlots = Array(repeating: -1, count: literalSlots.count * 2)
        for index in nodes.indices where nodes[index].textStart >= 0 { placeLiteral(index) }
    }

    private mutating func placeLiteral(_ node: Int) {
        let mask = literalSlots.count - 1
        var slot = Int(truncatingIfNeeded: nodes[node].hash) & mask
        while literalSlots[slot] >= 0 { slot = (slot + 1) & mask }
        literalSlots[slot] = Int32(node)
    }

    private mutating func methodIndex(_ name: String, for pattern: RoutePattern) throws(WSGIError) -> UInt8 {
        if let known = methodNames.firstIndex(of: name) { return UInt8(known) }
        guard methodNames.count < UInt64.bitWidth else {
            throw WSGIError(
                .badRoute,
                "route '\(pattern.text)' names the method \(name) beyond 64 different ones (expected fewer methods)")
        }
        methodNames.append(name)
        methodKeys.append(Self.key(name))
        return UInt8(methodNames.count - 1)
    }

    private static func key(_ name: String) -> MethodKey {
        Array(name.utf8).withUnsafeBytes { MethodKey($0) }
    }

    private func checkFree(
        _ taken: Int32, for pattern: RoutePattern, answering what: String
    ) throws(WSGIError) {
        guard taken >= 0 else { return }
        throw WSGIError(
            .duplicateRoute,
            "route '\(pattern.text)' answers \(what) on the same paths as '\(routes[Int(taken)].text)' (expected one of them only)"
        )
    }
}
