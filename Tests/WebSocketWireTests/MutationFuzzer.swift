/// Makes inputs by damaging messages: the same seed makes the same inputs.
struct MutationFuzzer {
    private var state: UInt64
    private let corpus: [[UInt8]]
    private let fragments: [[UInt8]]

    init(seed: UInt64, corpus: [[UInt8]], fragments: [[UInt8]]) {
        state = seed
        self.corpus = corpus
        self.fragments = fragments
    }

    /// A number from 0 up to, not including, `bound`, by SplitMix64.
    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return bound <= 0 ? 0 : Int(mixed % UInt64(bound))
    }

    /// The next input: some messages of the corpus with up to three changes, or untouched.
    mutating func next() -> [UInt8] {
        var input: [UInt8] = []
        for _ in 0...below(4) { input += corpus[below(corpus.count)] }
        for _ in 0..<below(4) { mutate(&input) }
        return input
    }

    private mutating func mutate(_ input: inout [UInt8]) {
        let at = below(input.count + 1)
        let length = min(below(8) + 1, input.count - at)
        switch below(7) {
        case 0 where at < input.count: input[at] ^= 1 << UInt8(below(8))
        case 1 where at < input.count: input[at] = UInt8(below(256))
        case 2: input.removeSubrange(at..<(at + length))
        case 3: input.insert(contentsOf: Array(input[at..<(at + length)]), at: below(input.count + 1))
        case 4: input.insert(contentsOf: fragments[below(fragments.count)], at: at)
        case 5: input.replaceSubrange(at..<(at + length), with: fragments[below(fragments.count)])
        default: input.removeSubrange(at...)
        }
    }
}
