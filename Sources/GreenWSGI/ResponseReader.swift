import LuaRuntime

/// What a handler gave, by position on its stack.
struct HandlerResponse {
    /// Where the body stands.
    enum Body {
        case none
        /// A string.
        case bytes(Int32)
        /// A list of strings.
        case list(Int32)
        /// A function that gives one piece after the other.
        case stream(Int32)
    }

    var status = 200
    /// The headers table; 0 for none.
    var headers: Int32 = 0
    var body = Body.none
}

/// Reads what a handler gave: a string; `status, body`; `status, headers, body`; a table with those names; a function
/// (the body, streamed); nil, which means that nobody answered. Runs no metamethods.
enum ResponseReader {
    enum Reading {
        case response(HandlerResponse)
        case nothing
        case invalid(String)
        /// A metamethod would have to be asked.
        case asksScript
    }

    /// Reads the top `count` values. May push more; the positions in the answer are absolute.
    static func read(_ stack: LuaStack, results count: Int32) -> Reading {
        guard count > 0, stack.reserve(16) else { return .nothing }
        let first = stack.top - count + 1
        switch stack.type(at: first) {
        case .none, .nil: return .nothing
        case .number: return positional(stack, first, count)
        case .table where isResponse(stack, first): return named(stack, first)
        default:
            var response = HandlerResponse()
            guard let body = body(stack, first) else {
                return .invalid(
                    "it is a \(stack.typeName(at: first)), expected a string, status and body, a table with status, "
                        + "headers and body, or a function")
            }
            response.body = body
            return .response(response)
        }
    }

    /// Reads an error value on top of a stack: a table with a status is meant as an answer, anything else is nothing.
    static func readThrown(_ stack: LuaStack) -> Reading {
        guard stack.type(at: -1) == .table, stack.reserve(16) else { return .nothing }
        let index = stack.top
        guard let isThere = try? stack.findField("status", of: index) else { return .nothing }
        if !isThere { return .asksScript }
        guard stack.integer(at: -1) != nil else { return .nothing }
        let reading = named(stack, index)
        // The green that would run a stream has ended.
        if case .response(let response) = reading, case .stream = response.body { return .nothing }
        return reading
    }

    /// A list is a body, and so is what can be called; any other table is a response.
    private static func isResponse(_ stack: LuaStack, _ index: Int32) -> Bool {
        stack.rawLength(of: index) == 0 && !stack.isCallable(at: index)
    }

    private static func positional(_ stack: LuaStack, _ first: Int32, _ count: Int32) -> Reading {
        var response = HandlerResponse()
        guard let status = status(stack, first) else { return badStatus(stack, first) }
        response.status = status
        var bodyIndex = first + 1
        if count >= 2, stack.type(at: first + 1) == .table,
            (count >= 3 && !stack.isNil(at: first + 2)) || isResponse(stack, first + 1)
        {
            response.headers = first + 1
            bodyIndex = first + 2
        } else if count >= 3, stack.isNil(at: first + 1) {
            bodyIndex = first + 2
        }
        if stack.hasMetafield("__pairs", at: first + 1), response.headers != 0 { return .asksScript }
        if bodyIndex < first + count {
            guard let body = body(stack, bodyIndex) else { return badBody(stack, bodyIndex) }
            response.body = body
        }
        return .response(response)
    }

    private static func named(_ stack: LuaStack, _ index: Int32) -> Reading {
        var response = HandlerResponse()
        do throws(LuaFailure) {
            var isThere = try stack.findField("status", of: index)
            if !stack.isNil(at: -1) {
                guard let status = status(stack, stack.top) else { return badStatus(stack, stack.top) }
                response.status = status
            }
            isThere = try stack.findField("headers", of: index) && isThere
            if stack.type(at: -1) == .table {
                if stack.hasMetafield("__pairs", at: -1) { return .asksScript }
                response.headers = stack.top
            } else if !stack.isNil(at: -1) {
                return .invalid("headers is a \(stack.typeName(at: -1)), expected a table")
            }
            isThere = try stack.findField("body", of: index) && isThere
            if !isThere { return .asksScript }
        } catch {
            return .invalid(stack.description(of: -1))
        }
        if stack.isNil(at: stack.top), stack.isNil(at: stack.top - 1), stack.isNil(at: stack.top - 2),
            !isEmpty(stack, index)
        {
            return .invalid("it is a table without status, headers and body (to send data, encode it: as JSON, say)")
        }
        guard let body = body(stack, stack.top) else { return badBody(stack, stack.top) }
        response.body = body
        return .response(response)
    }

    private static func isEmpty(_ stack: LuaStack, _ index: Int32) -> Bool {
        stack.pushNil()
        guard let more = try? stack.next(of: index) else {
            stack.pop()
            return false
        }
        if more { stack.pop(2) }
        return !more
    }

    private static func status(_ stack: LuaStack, _ index: Int32) -> Int? {
        guard let status = stack.integer(at: index), (200...599).contains(status) else { return nil }
        return status
    }

    private static func badStatus(_ stack: LuaStack, _ index: Int32) -> Reading {
        .invalid("status \(stack.description(of: index)), expected a whole number from 200 to 599")
    }

    private static func badBody(_ stack: LuaStack, _ index: Int32) -> Reading {
        .invalid("the body is a \(stack.typeName(at: index)), expected a string, a list of strings or a function")
    }

    private static func body(_ stack: LuaStack, _ index: Int32) -> HandlerResponse.Body? {
        switch stack.type(at: index) {
        case .none, .nil: return HandlerResponse.Body.none
        case .string: return .bytes(index)
        case .number:
            guard (try? stack.pushDescription(of: index)) != nil else { return nil }
            stack.replace(at: index)
            return .bytes(index)
        case .function: return .stream(index)
        case .table where !stack.isCallable(at: index):
            return stack.rawLength(of: index) > 0 || isEmpty(stack, index) ? .list(index) : nil
        case .table, .userdata: return stack.isCallable(at: index) ? .stream(index) : nil
        default: return nil
        }
    }
}
