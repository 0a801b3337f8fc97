import CGreen
import LuaRuntime
import Testing

@Suite struct LuaTypeTests {
    @Test func theNumbersAreThoseOfTheMembrane() {
        let pairs: [(LuaType, Int)] = [
            (.none, CG_TNONE), (.nil, CG_TNIL), (.boolean, CG_TBOOLEAN), (.lightUserdata, CG_TLIGHTUSERDATA),
            (.number, CG_TNUMBER), (.string, CG_TSTRING), (.table, CG_TTABLE), (.function, CG_TFUNCTION),
            (.userdata, CG_TUSERDATA), (.thread, CG_TTHREAD),
        ]
        for (type, number) in pairs { #expect(Int(type.rawValue) == number) }
    }
}
