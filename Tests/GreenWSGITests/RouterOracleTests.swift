import GreenWSGI
import Testing

/// The trie against a plain reading of the rules: of all routes that fit, the most special one for the method.
@Suite struct RouterOracleTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// How special each matched segment is (0 literal, 1 parameter, 2 rest), or nil when the route does not fit.
    private func rank(_ route: RoutePattern, _ path: [String]) -> [Int]? {
        var rank: [Int] = []
        for (index, segment) in route.segments.enumerated() {
            if case .rest = segment { return index < path.count ? rank + [2] : nil }
            guard index < path.count else { return nil }
            switch segment {
            case .literal(let literal):
                guard literal == Array(path[index].utf8) else { return nil }
                rank.append(0)
            case .parameter:
                guard !path[index].isEmpty else { return nil }
                rank.append(1)
            case .rest: return nil
            }
        }
        return route.segments.count == path.count ? rank : nil
    }

    private func expected(_ routes: [RoutePattern], _ method: String, _ path: [String]) -> Int? {
        let fitting = routes.indices.compactMap { index -> (rank: [Int], route: Int)? in
            guard routes[index].methods.isEmpty || routes[index].methods.contains(method) else { return nil }
            guard let rank = rank(routes[index], path) else { return nil }
            return (rank + [routes[index].methods.isEmpty ? 1 : 0], index)
        }
        return fitting.min { $0.rank.lexicographicallyPrecedes($1.rank) }?.route
    }

    @Test func theTrieFindsWhatThePlainRulesFind() {
        var random = Generator(state: 0x5EED)
        var found = 0
        for _ in 0..<300 {
            var router = Router()
            for _ in 0..<Int.random(in: 1...25, using: &random) {
                let count = Int.random(in: 1...4, using: &random)
                var path = ""
                for index in 0..<count {
                    switch Int.random(in: 0..<7, using: &random) {
                    case 0...3: path += "/" + ["a", "b", "", "c"][Int.random(in: 0..<4, using: &random)]
                    case 4, 5: path += "/:p\(index)"
                    default: path += index == count - 1 ? "/*rest" : "/a"
                    }
                }
                // A duplicate is refused, and the oracle then reads the table without it.
                _ = try? router.add(
                    ["GET ", "POST ", "GET,POST ", ""].randomElement(using: &random).map { $0 + path } ?? path)
            }
            for _ in 0..<60 {
                let path = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                    ["a", "b", "", "c", "d"][Int.random(in: 0..<5, using: &random)]
                }
                let method = Bool.random(using: &random) ? "GET" : "POST"
                var parameters = RouteParameters()
                let match = withRaw(method) { method in
                    withRaw("/" + path.joined(separator: "/")) {
                        router.match(method: method, path: $0, into: &parameters)
                    }
                }
                let expected = expected(router.routes, method, path)
                if case .found(let route) = match {
                    #expect(route == expected, "\(method) \(path) in \(router.routes.map(\.text))")
                    found += 1
                } else {
                    #expect(expected == nil, "\(method) \(path) in \(router.routes.map(\.text))")
                }
            }
        }
        #expect(found > 1_000)
    }
}
