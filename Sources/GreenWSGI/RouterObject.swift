import HTTPWire
import LuaRuntime

/// A route table as `middleware.lua` uses it: `router(texts)`, and `router:match(request)`.
final class RouterObject {
    private let router: Router
    private let names: [[String]]
    private var parameters = RouteParameters()

    private init(_ texts: [String]) throws(WSGIError) {
        var router = Router()
        for text in texts { _ = try router.add(text) }
        self.router = router
        names = router.routes.map(\.parameterNames)
    }

    static let definition: ClassDefinition = ClassDefinition(
        "router", members: [.method("match", match)], release: ClassDefinition.releaseReference)

    /// `router(texts)`: raises what is wrong with a route.
    static let make = Native("router") { state in
        let lua = LuaStack(state)
        var texts: [String] = []
        for position in 1...max(1, lua.rawLength(of: 1)) {
            lua.pushRaw(index: position, of: 1)
            if let text = lua.string(at: -1) { texts.append(text) }
            lua.pop()
        }
        let made: RouterObject
        do throws(WSGIError) { made = try RouterObject(texts) } catch { return lua.fail(error.message) }
        do { try lua.push(reference: made, as: definition) } catch { return Native.raise }
        return 1
    }

    /// `router:match(request)`: the route's position, with `request.params` set; or nil and a status, and for 204
    /// and 405 the value of `Allow`.
    private static let match = Native("router:match") { state in
        let lua = LuaStack(state)
        guard let object = lua.reference(at: 1, of: definition, as: RouterObject.self) else {
            return lua.fail(argument: 1, expected: "router")
        }
        guard let request = RequestView(lua, at: 2) else { return lua.fail(argument: 2, expected: "request") }
        let head = request.head
        let result = object.router.match(
            method: head.methodName.slice(of: request.bytes), path: head.path.slice(of: request.bytes),
            into: &object.parameters)
        do throws(LuaFailure) {
            switch result {
            case .found(let route):
                if object.parameters.count > 0 { try object.pushParameters(route, lua) }
                lua.push(route + 1)
                return 1
            case .options(let allow): return try object.refuse(204, allow, lua)
            case .methodNotAllowed(let allow): return try object.refuse(405, allow, lua)
            case .notFound: return try object.refuse(404, nil, lua)
            case .badPath: return try object.refuse(400, nil, lua)
            }
        } catch {
            return Native.raise
        }
    }

    private func pushParameters(_ route: Int, _ lua: LuaStack) throws(LuaFailure) {
        lua.pushCopy(of: 2)
        lua.replace(at: 1)
        try RequestObject.pushCache(lua)
        try lua.pushTable(fields: parameters.count)
        for (index, name) in names[route].enumerated() {
            try lua.push(copying: parameters.value(at: index))
            try lua.setField(name, of: -2)
        }
        try lua.setField("params", of: -2)
    }

    private func refuse(_ status: Int, _ allow: String?, _ lua: LuaStack) throws(LuaFailure) -> Int32 {
        lua.pushNil()
        lua.push(status)
        guard let allow else { return 2 }
        try lua.push(allow)
        return 3
    }
}
