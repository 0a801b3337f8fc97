import CGreen
import Synchronization

/// A class of objects that scripts see: its name, methods, properties and finalizer. One for the process.
public struct ClassDefinition {
    @usableFromInline let pointer: UnsafePointer<cg_class>

    /// One name in the class: a method, or a property that `get` and `set` know by number.
    public enum Member {
        case method(StaticString, Native)
        case property(StaticString, Int32)
    }

    private static let count = Atomic<Int32>(0)

    /// - Parameters:
    ///   - name: what `type` errors and `tostring` call it.
    ///   - members: what scripts find on an object.
    ///   - get: called with (object, key, property number) on reading a property; answers one value; may park.
    ///   - set: called with (object, key, value, property number) on writing one; nil makes all read only.
    ///   - metamethods: `.method` only, such as `__call`, `__tostring`, `__close`.
    ///   - outside: bytes that an object holds outside of Lua's memory: counted as if they were in it, for the memory
    ///     limit and, from 4,096 up, so that the collector comes in time. Less is for references alone.
    ///   - release: gives up what the payload holds, when the object is collected or its state closed.
    public init(
        _ name: StaticString, members: [Member] = [], get: Native? = nil, set: Native? = nil,
        metamethods: [Member] = [], outside: Int = 0,
        release: (@convention(c) (OpaquePointer, UnsafeMutableRawPointer) -> Void)? = nil
    ) {
        let id = Self.count.wrappingAdd(1, ordering: .relaxed).oldValue
        precondition(id < Int32(CG_CLASS_MAX), "more than \(CG_CLASS_MAX) classes")
        let made = UnsafeMutablePointer<cg_class>.allocate(capacity: 1)
        made.initialize(
            to: cg_class(
                id: id, name: Self.text(name), members: Self.list(members), get: get?.pointer, set: set?.pointer,
                metamethods: metamethods.isEmpty ? nil : Self.list(metamethods), release: release,
                outside: max(0, outside)))
        pointer = UnsafePointer(made)
    }

    private static func text(_ name: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    private static func list(_ members: [Member]) -> UnsafePointer<cg_member> {
        let list = UnsafeMutablePointer<cg_member>.allocate(capacity: members.count + 1)
        for (index, member) in members.enumerated() {
            switch member {
            case .method(let name, let native):
                (list + index).initialize(to: cg_member(name: text(name), method: native.pointer, property: 0))
            case .property(let name, let number):
                (list + index).initialize(to: cg_member(name: text(name), method: nil, property: number))
            }
        }
        (list + members.count).initialize(to: cg_member(name: nil, method: nil, property: 0))
        return UnsafePointer(list)
    }
}

/// Objects whose payload is one reference to a Swift object.
extension ClassDefinition {
    /// For `release:` of such classes.
    public static let releaseReference: @convention(c) (OpaquePointer, UnsafeMutableRawPointer) -> Void = {
        _, payload in
        let slot = payload.assumingMemoryBound(to: Optional<Unmanaged<AnyObject>>.self)
        slot.pointee?.release()
        slot.pointee = nil
    }
}

extension LuaStack {
    /// Pushes an object of `definition` that holds `reference` until it is collected.
    public func push(reference: AnyObject, as definition: ClassDefinition) throws(LuaFailure) {
        let payload = try pushObject(of: definition, size: MemoryLayout<Unmanaged<AnyObject>?>.size)
        // Safety: balanced by `releaseReference`, the class's finalizer, which runs once.
        payload.assumingMemoryBound(to: Optional<Unmanaged<AnyObject>>.self).pointee = .passRetained(reference)
        let outside = definition.pointer.pointee.outside
        if outside > 0, outside < Int(CG_PADDED) { cg_count_outside(pointer, outside) }
    }

    /// The Swift object behind an object of `definition` at `index`, or nil where there is no such object.
    @inlinable
    public func reference<T: AnyObject>(at index: Int32, of definition: ClassDefinition, as type: T.Type) -> T? {
        guard let payload = object(at: index, of: definition) else { return nil }
        guard let held = payload.assumingMemoryBound(to: Optional<Unmanaged<AnyObject>>.self).pointee else {
            return nil
        }
        // Safety: an object of this class is only ever made with a T (each class has one maker).
        return unsafeDowncast(held.takeUnretainedValue(), to: type)
    }
}

// Safety: what it points at is allocated once, never written again and never freed: any thread may read it.
extension ClassDefinition: @unchecked Sendable {}
