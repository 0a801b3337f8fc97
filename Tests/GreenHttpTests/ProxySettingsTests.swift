import Testing

@testable import GreenHttp

@Suite struct ProxySettingsTests {
    @Test func hostsWithOrWithoutASchemeAreProxies() {
        for url in [
            "host", "host:1", "http://host:1", "https://u:p@host", "socks5h://host:1/", "SOCKS5://[::1]:1",
            "u:p@host:1",
        ] {
            #expect(ProxySettings.fault(url, allowsFiles: false) == nil, "\(url)")
        }
    }

    @Test func otherSchemesAndBlanksAreFaults() {
        for url in [
            "ftp://host", "file:///x", "socks6://host", "http://ho st", "http://host\r\n", "http://host/x", "h?x",
        ] {
            #expect(ProxySettings.fault(url, allowsFiles: true) != nil, "\(url)")
        }
    }

    @Test func theSocketOfASOCKSProxyIsAFile() {
        #expect(ProxySettings.fault("socks5h://localhost/run/proxy.sock", allowsFiles: true) == nil)
        #expect(ProxySettings.fault("socks5h://localhost/run/proxy.sock", allowsFiles: false) != nil)
    }

    @Test func whatLibcurlSaysOfAProxyIsToldWithoutItsURL() {
        let message = "Unsupported proxy syntax in 'http://user:se/cret@h:99999': Port number was not a decimal number"
        #expect(ProxySettings.withoutURL(message).hasPrefix("Unsupported proxy syntax in the proxy's URL"))
        #expect(!ProxySettings.withoutURL(message).contains("cret"))
        #expect(ProxySettings.withoutURL("Could not resolve proxy: it's") == "Could not resolve proxy: it's")
    }
}
