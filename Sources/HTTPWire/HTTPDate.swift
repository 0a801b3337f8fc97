/// Dates as HTTP writes them (RFC 9110 §5.6.7), as seconds since 1970-01-01T00:00:00Z, without leap seconds.
public enum HTTPDate {
    /// Bytes of a date in the preferred form, like `Sun, 06 Nov 1994 08:49:37 GMT`.
    public static let byteCount = 29

    /// Earliest and latest second with a four-digit year: the years 0 and 9999.
    static let earliest: Int64 = -62_167_219_200
    static let latest: Int64 = 253_402_300_799

    /// Writes the second in the preferred form over the first 29 bytes of `target`; traps if it has fewer.
    ///
    /// A second outside the years 0–9999 is written as the nearest one inside.
    public static func format(_ epochSecond: Int64, into target: UnsafeMutableRawBufferPointer) {
        precondition(target.count >= byteCount, "a date needs 29 bytes")
        guard let base = target.baseAddress else { return }
        let second = min(max(epochSecond, earliest), latest)
        let days = floorDivide(second, 86_400)
        let time = Int(second - days * 86_400)
        let (year, month, day) = civil(fromDays: days)
        let out = base.assumingMemoryBound(to: UInt8.self)
        let weekday = Int(floorModulo(days + 4, 7))
        copyThree(weekdays, weekday, out)
        out[3] = ASCII.comma
        out[4] = ASCII.space
        twoDigits(day, out + 5)
        out[7] = ASCII.space
        copyThree(months, month - 1, out + 8)
        out[11] = ASCII.space
        twoDigits(year / 100, out + 12)
        twoDigits(year % 100, out + 14)
        out[16] = ASCII.space
        twoDigits(time / 3_600, out + 17)
        out[19] = ASCII.colon
        twoDigits(time / 60 % 60, out + 20)
        out[22] = ASCII.colon
        twoDigits(time % 60, out + 23)
        (base + 25).copyMemory(from: UnsafeRawPointer((" GMT" as StaticString).utf8Start), byteCount: 4)
    }

    static var weekdays: StaticString { "SunMonTueWedThuFriSat" }
    static var months: StaticString { "JanFebMarAprMayJunJulAugSepOctNovDec" }

    private static func copyThree(_ names: StaticString, _ index: Int, _ out: UnsafeMutablePointer<UInt8>) {
        out.update(from: names.utf8Start + index * 3, count: 3)
    }

    private static func twoDigits(_ value: Int, _ out: UnsafeMutablePointer<UInt8>) {
        out[0] = ASCII.zero &+ UInt8(truncatingIfNeeded: value / 10)
        out[1] = ASCII.zero &+ UInt8(truncatingIfNeeded: value % 10)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    private static func floorModulo(_ value: Int64, _ divisor: Int64) -> Int64 {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }

    /// Year, month (1–12) and day of a day number, in the proleptic Gregorian calendar.
    ///
    /// Counts in eras of 400 years that begin on the first of March, so the leap day is a year's last.
    static func civil(fromDays days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(day))
    }

    /// The day number of a date; the inverse of ``civil(fromDays:)``.
    static func days(year: Int, month: Int, day: Int) -> Int64 {
        let shiftedYear = Int64(month <= 2 ? year - 1 : year)
        let era = floorDivide(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let shiftedMonth = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
