import Greenhouse
import Testing

/// Apps behind the server of the command line, asked over a socket by a green of the same state.
@Suite struct AppServerTests {
    @Test(arguments: [
        "return 200, setmetatable({}, {__pairs = loop}), 'x'",
        "return setmetatable({}, {__index = loop})",
        "error(setmetatable({}, {__index = loop}))",
        "error(setmetatable({}, {__tostring = loop}))",
    ])
    func anAnswerThatNeverEndsIsStoppedAtTheLimitOfItsRequest(_ handler: String) throws {
        let app = try AppServer(sandbox: .open, limits: RunLimits(grace: .milliseconds(100)))
        defer { app.close() }
        app.scheduler.log = { _ in }
        app.options.handlerLimits = CallLimits(processorTime: .milliseconds(500), deadline: .milliseconds(200))
        let source = """
            local function loop() while true do end end
            function ask(port)
              local http = GreenHttp { base_url = "http://127.0.0.1:" .. port }
              local slow = green.spawn(http.get, http, "/hostile")
              local answers = 0
              while not slow:done() do
                assert(http:get("/"):text() == "hello")
                answers = answers + 1
              end
              assert(slow:result().status_code == 500)
              assert(answers >= 3, "no others were answered meanwhile: " .. answers)
            end
            green = require "green"
            return {["/hostile"] = function() \(handler) end, ["/"] = function() return "hello" end}
            """
        let server = try app.load(ScriptFile(source: source, name: "app.lua"))
        let address = try server.listen(on: BindAddress(parsing: "127.0.0.1:0"))
        let main = app.scheduler.lua.main
        main.pushGlobals()
        try main.pushField("ask", of: -1)
        main.push(Int(try #require(address.port)))
        let asking = Asking(app.scheduler)
        try app.scheduler.start(from: main, arguments: 1, outcome: asking)
        while !asking.isDone { app.loop.runOnce(blocking: true) }
        #expect(asking.error == nil)
    }
}

private final class Asking: Outcome {
    private let scheduler: Scheduler
    private(set) var isDone = false
    private(set) var error: LuaError?

    init(_ scheduler: Scheduler) {
        self.scheduler = scheduler
        super.init()
    }

    override func succeeded(_ stack: LuaStack, results count: Int32) { isDone = true }

    override func failed(_ worker: GreenWorker, _ stack: LuaStack) {
        isDone = true
        error = scheduler.error(of: worker, on: stack)
    }
}
