import Green
import HTTPWire
import LuaRuntime

/// What a handler's outcome means for the request: the results or the error it ended with become the response.
extension HTTPConnection {
    /// What is still to run for the top `count` values: what reads them, where metamethods have to be asked, or a
    /// stream, which begins the response. Puts the function and its arguments on top, and answers how many; nil, and the
    /// stack as it was, when there is nothing to run.
    func continuation(_ stack: LuaStack, results count: Int32) -> Int32? {
        let before = stack.top
        switch ResponseReader.read(stack, results: count) {
        case .response(let response):
            // A bad one is found again by `answer`, which tells.
            guard case .stream(let index) = response.body,
                case .success(let wantsBody) = ResponseWriting.begin(response, on: self, stack)
            else { break }
            flush()
            if wantsBody, let arguments = BodyStream.push(index, self, on: stack) { return arguments }
        case .asksScript:
            stack.setTop(before)
            if let arguments = AnswerReaders.push(forGiven: count, on: stack, server.scheduler) { return arguments }
        case .nothing, .invalid: break
        }
        stack.setTop(before)
        return nil
    }

    /// The handler, or the stream it began, has ended with the top `count` values.
    func answer(_ stack: LuaStack, results count: Int32) {
        if hasResponded {
            guard let missing = bytesPromised, missing > 0 else { return finishStream() }
            return fail("the body ended \(missing) bytes before the Content-Length that its handler gave")
        }
        switch ResponseReader.read(stack, results: count) {
        case .nothing: ErrorPage.answer(404, on: self)
        case .asksScript: fail("a handler's answer cannot be sent: there is no room on the stack to read it")
        case .invalid(let problem): fail("a handler's answer cannot be sent: \(problem)")
        case .response(let response):
            if case .failure(let problem) = ResponseWriting.write(response, on: self, stack) {
                fail("a handler's answer cannot be sent: \(problem.text)")
            }
        }
    }

    /// An error that is a table with a status is an answer, thrown: {status = 404, headers = …, body = …}. It is on
    /// top of a stack. Whether it was one.
    func answer(thrownOn stack: LuaStack) -> Bool {
        guard case .response(let response) = ResponseReader.readThrown(stack),
            case .success = ResponseWriting.write(response, on: self, stack)
        else { return false }
        return true
    }

    /// Where metamethods have to be asked what such an error is: pushes the function that does, and its arguments; how
    /// many.
    func reading(ofThrownOn stack: LuaStack) -> Int32? {
        let before = stack.top
        let reading = ResponseReader.readThrown(stack)
        stack.setTop(before)
        guard case .asksScript = reading else { return nil }
        return AnswerReaders.push(forThrownOn: stack, server.scheduler)
    }

    /// The handler has failed: tells the client when the fault is its own, else answers 500 and logs the details.
    func answerFailure(_ details: () -> String) {
        if !hasResponded, let refused = body?.error {
            keepAlive = false
            return ErrorPage.answer(refused.status, message: "\(refused.message)", on: self)
        }
        fail(details())
    }

    private func fail(_ details: String) {
        server.scheduler.log("error in a handler: \(requestName): \(details)")
        // Once the head is out there is no other way to say that the body is not whole (RFC 9112 §7).
        if hasResponded { return breakOff() }
        ErrorPage.answer(500, details: details, on: self)
    }
}
