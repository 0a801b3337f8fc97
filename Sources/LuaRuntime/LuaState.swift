import CGreen

/// One Lua state: its memory, its libraries and the values Swift holds of it.
///
/// Belongs to one thread. Whoever makes it says who its owner is, which natives reach by `LuaStack.owner`.
public final class LuaState {
    /// The main coroutine: for loading and set-up; greens have their own.
    public let main: LuaStack
    /// Values that Swift holds.
    public let vault: Vault
    private(set) var isClosed = false

    /// A state without libraries.
    /// - Parameter owner: not retained; it must outlive the state or `close()` it.
    /// - Throws: `.memory` when not even an empty state fits.
    public init(owner: UnsafeMutableRawPointer? = nil) throws(LuaError) {
        guard let pointer = cg_open(owner) else {
            throw LuaError(.memory, "not enough memory for a Lua state")
        }
        main = LuaStack(pointer)
        vault = Vault(main)
    }

    deinit { close() }

    /// Runs the finalizers and frees everything; later calls do nothing.
    public func close() {
        if isClosed { return }
        isClosed = true
        vault.close()
        let left = cg_close(main.pointer)
        assert(left == 0, "bug: a closed Lua state left \(left) bytes behind")
    }

    /// Opens libraries for all scripts of the state.
    public func open(_ libraries: LuaLibraries) throws(LuaError) {
        let status = cg_open_libraries(main.pointer, libraries.rawValue)
        if status != CG_OK { throw LuaError(taking: main, status: status) }
    }

    /// What the allocator counts.
    public var memory: LuaMemory {
        let memory = cg_memory_of(main.pointer)
        return LuaMemory(
            bytes: memory.bytes, peak: memory.peak, limit: memory.limit, allocations: memory.allocations,
            refusals: memory.refusals)
    }

    /// Most bytes the state may use in all, nil for no limit. A script that needs more gets a catchable
    /// "not enough memory".
    public var memoryLimit: Int? {
        get { memory.limit == 0 ? nil : memory.limit }
        set { cg_set_memory_limit(main.pointer, newValue.map { max($0, 1) } ?? 0) }
    }

    /// "Lua 5.4.4": the Lua this was built with.
    public static var release: String { String(cString: cg_release()) }

    /// A full garbage collection.
    public func collectGarbage() { main.collectGarbage() }

    /// Garbage collection in short steps, for so many nanoseconds of processor time, which are counted as the meter's. True
    /// when a cycle has ended.
    public func collectGarbage(for nanoseconds: Int64, by meter: RunMeter?) -> Bool {
        cg_collect_for(main.pointer, nanoseconds, meter?.pointer)
    }

    /// Counts so many bytes more, or less, as in use that are outside of Lua's memory. What refuses is only the next
    /// allocation.
    public func count(outside bytes: Int) { cg_count_outside(main.pointer, bytes) }

    /// Whether more than seven eighths of what the limit allows are in use.
    public var isNearMemoryLimit: Bool { cg_is_near_limit(main.pointer) }

    /// How many bytes of what the memory limit leaves one green may take.
    public var shareOfMemoryLeft: Int64 { cg_share_of_left(main.pointer) }

    /// Whether what ran last was asked to give way for that.
    public var isShortOfMemory: Bool { cg_is_short_of_memory(main.pointer) }

    /// Whether the memory limit has refused something since the last full collection. What Lua collects then keeps the
    /// objects that have a finalizer.
    public var wasRefusedMemory: Bool { cg_was_refused(main.pointer) }

    /// For tests: the `countdown`-th allocation from now and all after it fail, until 0 is given.
    public func failAllocations(after countdown: UInt64) { cg_fail_allocations(main.pointer, countdown) }

    /// Makes a class known to this state; its objects can be pushed afterwards.
    public func register(_ definition: ClassDefinition) throws(LuaError) {
        let status = cg_register_class(main.pointer, definition.pointer)
        if status != CG_OK { throw LuaError(taking: main, status: status) }
    }

    /// Loads a text chunk and leaves its function on the main stack; binary chunks are refused.
    /// - Parameter name: as in the manual's `lua_load`: `"@file.lua"`, `"=name"`, or the source itself.
    public func load(_ source: [UInt8], name: String) throws(LuaError) {
        let status = source.withUnsafeBytes { cg_load(main.pointer, $0.baseAddress, $0.count, name) }
        if status != CG_OK { throw LuaError(taking: main, status: status) }
    }

    /// Makes the table on top of the main stack, which is taken off, the globals of the chunk below it, which `load` has
    /// left there and nothing has called yet.
    public func setEnvironment() { cg_set_environment(main.pointer, -2) }

    /// Calls the function below its `arguments` values on a stack, and leaves `results` values there. The call
    /// cannot wait. -1 for all results.
    public func call(on stack: LuaStack, arguments: Int32, results: Int32) throws(LuaError) {
        let status = cg_call(stack.pointer, arguments, results)
        if status != CG_OK { throw LuaError(taking: stack, status: status, withTraceback: true) }
    }

    /// `require(name)` gives what the function on top of the main stack returns; it is taken off.
    public func preload(_ name: String) throws(LuaError) {
        let status = cg_preload(main.pointer, name)
        if status != CG_OK { throw LuaError(taking: main, status: status) }
    }

    /// What makes events, for greens that `require` a module while another one loads it: the function on top of the main
    /// stack, which is taken off. An event has the methods `wait` and `set`.
    public func setEventMaker() throws(LuaError) {
        let status = cg_set_event_maker(main.pointer)
        if status != CG_OK { throw LuaError(taking: main, status: status) }
    }

    /// Where `require` looks for files (manual 6.3, `package.path`).
    public func addPackagePath(_ path: String) throws(LuaError) {
        let status = cg_set_package_path(main.pointer, path, true)
        if status != CG_OK { throw LuaError(taking: main, status: status) }
    }
}

/// What a state's allocator counts.
public struct LuaMemory: Sendable {
    /// In use now, in bytes.
    public let bytes: Int
    /// Most that was ever in use, in bytes.
    public let peak: Int
    /// Most that may be in use, in bytes; 0 for no limit.
    public let limit: Int
    /// Blocks made or grown since the state was opened.
    public let allocations: UInt64
    /// How often the limit has refused a block. Greens are asked to give way before: it is what they could not do that for,
    /// such as one large string, which comes to this.
    public let refusals: UInt64
}
