import EventLoop
import LuaRuntime

/// What there is to say about one green at this moment. Everything is looked up only now.
struct GreenAccount {
    let name: String
    /// What it is for: "GET /users/1"; nil where its function tells that.
    let subject: String?
    let serial: Int
    let state: GreenWorker.State
    /// What it waits for; nil when it does not.
    let waitsFor: String?
    /// Seconds since it last gave up the loop, or was started; 0 while it runs.
    let seconds: Double
    /// Seconds of processor time, as the timer of slices saw it.
    let processorTime: Double
    /// "file:line" of where it stands; empty before it has begun.
    let place: String
    /// "file:line" where its function is defined.
    let definition: String
    /// The run of the green that started it; 0 for none.
    let parent: Int
    /// "file:line" of the start; empty where that is not recorded.
    let spawnSite: String

    init(_ worker: GreenWorker) {
        name = worker.name
        subject = worker.outcome.object?.subject
        serial = worker.serial
        state = worker.state
        waitsFor = worker.state == .parked ? worker.waitDescription : nil
        let now = worker.scheduler.loop.latestNow.nanoseconds
        seconds = worker.state == .running ? 0 : Double(max(0, now - worker.since)) / 1e9
        processorTime = Double(worker.meter.used) / 1e9
        place = worker.stack.location
        definition = Self.definition(of: worker)
        parent = worker.parent
        spawnSite = worker.spawnSite
    }

    /// "green 3 (GET /) waits for a sleep to end at app.lua:9, since 1.20 s; used 0.01 s of the processor; …".
    var text: String {
        let does =
            switch state {
            case .running: "runs"
            case .parked: "waits for \(waitsFor ?? "something")"
            case .ready, .idle: place.isEmpty ? "is about to begin" : "is ready to go on"
            }
        var text = "\(name)\(subject.map { " (\($0))" } ?? "") \(does)" + (place.isEmpty ? "" : " at \(place)")
        if state != .running { text += ", since \(Self.text(of: seconds))" }
        text += "; used \(Self.text(of: processorTime)) of the processor; function defined at \(definition)"
        if parent != 0 { text += ", spawned by green \(parent)" }
        if !spawnSite.isEmpty { text += " at \(spawnSite)" }
        return text
    }

    /// "spawned by green 3 at app.lua:20 (function defined at app.lua:12)"; nil for what no script started.
    static func origin(of worker: GreenWorker) -> String? {
        if worker.parent == 0, worker.spawnSite.isEmpty { return nil }
        let parent = worker.parent == 0 ? "" : " by green \(worker.parent)"
        let site = worker.spawnSite.isEmpty ? "" : " at \(worker.spawnSite)"
        return "spawned\(parent)\(site) (function defined at \(definition(of: worker)))"
    }

    private static func definition(of worker: GreenWorker) -> String {
        let arguments = worker.startArguments
        if arguments >= 0 { return worker.stack.definition(of: -arguments - 1) }
        let definition = worker.stack.outermostDefinition
        return definition.isEmpty ? "[C]" : definition
    }

    /// "1.25 s", to the hundredth.
    static func text(of seconds: Double) -> String {
        let hundredths = Int((min(seconds, 1e12) * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) s"
    }
}
