import Green
import LuaRuntime

/// The response as `response.lua` has it: while the request is under way its exchange, then what came of it.
final class ResponseObject {
    private(set) var exchange: Exchange?
    private var settled: ClientResponse?
    var response: ClientResponse {
        if let settled { return settled }
        guard let exchange else { fatalError("bug: a response of nothing") }
        return exchange.response
    }

    init(_ exchange: Exchange) { self.exchange = exchange }

    init(_ response: ClientResponse) { settled = response }

    /// The last response is there: its exchange is needed only for what is still to come.
    func settle() {
        guard let exchange else { return }
        let response = exchange.response
        settled = response
        if !exchange.isDone {
            response.exchange = exchange
            exchange.wants = .data
            exchange.letGo()
        }
        self.exchange = nil
    }

    /// Nobody has it any more.
    private func abandon() {
        exchange?.abort()
        settled?.abandon()
    }

    static let definition: ClassDefinition = ClassDefinition(
        "http response",
        release: { _, payload in
            let slot = payload.assumingMemoryBound(to: Optional<Unmanaged<AnyObject>>.self)
            if let held = slot.pointee {
                // Safety: objects of this class are made of a ResponseObject alone.
                unsafeDowncast(held.takeUnretainedValue(), to: ResponseObject.self).abandon()
                held.release()
            }
            slot.pointee = nil
        })

    static func at(_ index: Int32, of lua: LuaStack) -> ResponseObject? {
        lua.reference(at: index, of: definition, as: ResponseObject.self)
    }

    // MARK: Natives

    /// `fact(response, name)`: one of what the names below say.
    static let fact = Native("response.fact") { state in
        let lua = LuaStack(state)
        guard let response = at(1, of: lua)?.response, let name = lua.string(at: 2) else {
            return lua.fail(argument: 1, expected: "http response")
        }
        do throws(LuaFailure) {
            switch name {
            case "status_code": lua.push(response.status)
            case "reason": try lua.push(response.reason)
            case "url": try lua.push(response.url)
            case "method": try lua.push(response.method)
            case "http_version": try lua.push(response.facts.version)
            case "reused": lua.push(response.facts.isReused)
            case "remote_address": try lua.push(response.facts.address)
            case "is_unpacked": lua.push(response.isUnpacked)
            case "is_complete": lua.push(response.exchange == nil)
            default: return lua.fail(argument: 2, "no such fact")
            }
        } catch {
            return Native.raise
        }
        return 1
    }

    /// `times(response)`: seconds from the start until each phase was done.
    static let times = Native("response.elapsed") { state in
        let lua = LuaStack(state)
        guard let facts = at(1, of: lua)?.response.facts else {
            return lua.fail(argument: 1, expected: "http response")
        }
        do throws(LuaFailure) {
            try lua.pushTable(fields: 5)
            for (name, value) in [
                ("dns", facts.resolved), ("connect", facts.connected), ("tls", facts.secured),
                ("first_byte", facts.firstByte), ("total", facts.total),
            ] {
                lua.push(value)
                try lua.setField(name, of: -2)
            }
        } catch {
            return Native.raise
        }
        return 1
    }

    /// `fields(response)`: a flat list of the names and values of its header and trailer.
    static let fields = Native("response.headers") { state in
        let lua = LuaStack(state)
        guard let response = at(1, of: lua)?.response else { return lua.fail(argument: 1, expected: "http response") }
        var list: [(ArraySlice<UInt8>, ArraySlice<UInt8>)] = []
        response.forEachField { list.append(($0, $1)) }
        do throws(LuaFailure) {
            try lua.pushFilled(list.count * 2)
            for (index, field) in list.enumerated() {
                try lua.push(slice: field.0)
                lua.putRaw(position: index * 2 + 1, in: -2)
                try lua.push(slice: field.1)
                lua.putRaw(position: index * 2 + 2, in: -2)
            }
        } catch {
            return Native.raise
        }
        return 1
    }

    /// `history(response)`: a list of the responses before it.
    static let history = Native("response.history") { state in
        let lua = LuaStack(state)
        guard let response = at(1, of: lua)?.response else { return lua.fail(argument: 1, expected: "http response") }
        do throws(LuaFailure) {
            try lua.pushTable(items: response.history.count)
            for (index, earlier) in response.history.enumerated() {
                try lua.push(reference: ResponseObject(earlier), as: definition)
                try lua.rawSet(position: index + 1, in: -2)
            }
        } catch {
            return Native.raise
        }
        return 1
    }

    /// `close(response)`: what is still to come is not wanted.
    static let close = Native("response:close") { state in
        at(1, of: LuaStack(state))?.abandon()
        return 0
    }

    /// `made(method, url, status, head, body)`: a response that came over no network.
    static let made = Native("response.made") { state in
        let lua = LuaStack(state)
        guard let method = lua.string(at: 1), let url = lua.string(at: 2), let status = lua.integer(at: 3),
            let head = lua.bytes(at: 4), let body = lua.bytes(at: 5)
        else { return lua.fail("method, URL, status, head and body expected") }
        let response = ClientResponse(method: method, url: url, status: status, head: Array(head), body: body)
        do { try lua.push(reference: ResponseObject(response), as: definition) } catch { return Native.raise }
        return 1
    }
}

extension LuaStack {
    fileprivate func push(slice: ArraySlice<UInt8>) throws(LuaFailure) {
        let result: Result<Void, LuaFailure> = slice.withUnsafeBytes { bytes in
            do throws(LuaFailure) {
                try push(bytes: bytes)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
