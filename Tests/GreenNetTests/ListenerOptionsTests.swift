import GreenNet
import Testing

@Suite struct ListenerOptionsTests {
    @Test func theDefaultsAreTheDocumentedOnes() {
        let options = ListenerOptions()
        #expect(options.backlog == 2_048)
        #expect(!options.reusePort)
        #expect(options.unixMode == nil)
        #expect(options.batch == 32)
        #expect(options.keepsLoopAlive)
    }
}
