extension Router {
    /// One place in the trie; a child is a node of its own, so that matching touches plain memory only.
    struct Node: Sendable {
        var parent: Int32
        /// The `:name` child, -1 when there is none.
        var parameter: Int32 = -1
        /// The terminal of paths that end here, -1 when there is none.
        var end: Int32 = -1
        /// The terminal of a `*name` that begins below this node, -1 when there is none.
        var rest: Int32 = -1
        /// The literal segment that leads here, in `literalText`; -1 for the root and `:name` nodes.
        var textStart: Int32 = -1
        var textCount: Int32 = 0
        /// The hash of parent and literal segment.
        var hash: UInt64 = 0

        init(parent: Int32) { self.parent = parent }
    }

    /// The routes of all patterns that end in the same place.
    struct Terminal: Sendable {
        /// The route for any method, -1 when there is none.
        var anyRoute: Int32 = -1
        /// The first of the linked method entries, -1 when there is none.
        var firstEntry: Int32 = -1
        /// A bit for each method that has an entry.
        var methods: UInt64 = 0
    }

    /// A method's route at one terminal.
    struct MethodEntry: Sendable {
        var method: UInt8
        var route: Int32
        var next: Int32
    }

    /// A method's name in one word: its length and first bytes, all of them for nearly every method there is.
    struct MethodKey: Equatable, Sendable {
        /// Up to this length equal keys mean equal names.
        static var exactCount: Int { 7 }

        private let word: UInt64

        init(_ name: UnsafeRawBufferPointer) {
            var word = UInt64(min(name.count, 255))
            for index in 0..<min(name.count, Self.exactCount) { word = word << 8 | UInt64(name[index]) }
            self.word = word
        }
    }

    /// Which segments of a path, counted from 0, are a route's parameters.
    struct Captures: Sendable {
        var segments: [Int] = []
        /// Whether the last one takes all that is left.
        var endsInRest = false

        init(_ pattern: RoutePattern) {
            for (index, segment) in pattern.segments.enumerated() {
                switch segment {
                case .literal: break
                case .parameter: segments.append(index)
                case .rest:
                    segments.append(index)
                    endsInRest = true
                }
            }
        }
    }

    /// FNV-1a over a segment's decoded bytes, begun with the parent node so that one table serves all nodes.
    struct SegmentHash {
        private(set) var value: UInt64

        @inline(__always)
        init(parent: Int) {
            value = (0xCBF2_9CE4_8422_2325 ^ UInt64(truncatingIfNeeded: parent)) &* 0x0000_0100_0000_01B3
        }

        @inline(__always)
        mutating func combine(_ byte: UInt8) {
            value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
    }

    /// The literal child of `parent` whose text is `segment` decoded, or -1. `hash` is of the decoded segment.
    func literalChild(of parent: Int, hash: SegmentHash, segment: UnsafeRawBufferPointer, hasEscapes: Bool) -> Int {
        let mask = literalSlots.count - 1
        var slot = Int(truncatingIfNeeded: hash.value) & mask
        while literalSlots[slot] >= 0 {
            let index = Int(literalSlots[slot])
            let node = nodes[index]
            if node.hash == hash.value, node.parent == Int32(parent),
                isText(of: node, equalTo: segment, hasEscapes: hasEscapes)
            {
                return index
            }
            slot = (slot + 1) & mask
        }
        return -1
    }

    /// The route of a method at a terminal, not looking at its route for any method; -1 when there is none.
    func route(of method: UInt8, at terminal: Int) -> Int32 {
        var entry = terminals[terminal].firstEntry
        while entry >= 0 {
            if entries[Int(entry)].method == method { return entries[Int(entry)].route }
            entry = entries[Int(entry)].next
        }
        return -1
    }

    private func isText(of node: Node, equalTo segment: UnsafeRawBufferPointer, hasEscapes: Bool) -> Bool {
        var position = 0
        for offset in 0..<Int(node.textCount) {
            guard position < segment.count else { return false }
            var byte = segment[position]
            if hasEscapes, byte == PercentCoding.percent {
                guard let decoded = PercentCoding.escapedByte(in: segment, at: position) else { return false }
                byte = decoded
                position += 2
            }
            guard byte == literalText[Int(node.textStart) + offset] else { return false }
            position += 1
        }
        return position == segment.count
    }
}
