import HTTPWire
import Testing

@Suite struct ByteBufferNumbersTests {
    static let numbers: [Int] = {
        var all = [0, 1, 9, 15, 16, 255, 4_096, Int.max, Int.max - 1]
        var power = 10
        for _ in 0..<17 {
            all += [power - 1, power, power + 1]
            power *= 10
        }
        return all + [power - 1, power]
    }()

    @Test(arguments: numbers) func decimalDigitsAreThoseOfTheNumber(number: Int) {
        var buffer = ByteBuffer()
        buffer.appendDecimal(number)
        let text = String(decoding: buffer.readableBytes, as: UTF8.self)
        #expect(text == String(number))
    }

    @Test(arguments: numbers) func hexadecimalDigitsAreThoseOfTheNumber(number: Int) {
        var buffer = ByteBuffer()
        buffer.appendHexadecimal(number)
        let text = String(decoding: buffer.readableBytes, as: UTF8.self)
        #expect(text == String(number, radix: 16))
    }
}
