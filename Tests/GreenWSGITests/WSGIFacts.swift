import Foundation

/// The facts of a script in Tests/Scripts/wsgi, each as an app that checks it when it is asked.
struct WSGIFacts {
    private let script: String
    /// What each fact says, in order.
    let names: [String]

    init(_ script: String) {
        self.script = script
        let listing = """
            \(Self.loading(script))
            names = {}
            for i, fact in ipairs(require("check").facts) do names[i] = fact.name end
            names = table.concat(names, "\\n")
            return function() end
            """
        let server = try? TestServer(listing)
        names = server?.global("names").components("\n") ?? ["the script cannot be loaded"]
    }

    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Scripts")

    private static func loading(_ script: String) -> String {
        """
        package.path = "\(folder.path)/support/?.lua;" .. package.path
        dofile("\(folder.path)/wsgi/\(script).lua")
        """
    }

    /// An app whose answer is 200 when the fact holds, else 500 and what is wrong. The fact runs in a green that is
    /// no pool's worker, and is given the request.
    func app(checking index: Int) -> String {
        """
        \(Self.loading(script))
        return function(request)
          return require("green").spawn(function()
            local ok, problem = xpcall(require("check").facts[\(index + 1)].fn, debug.traceback, request)
            return ok and 200 or 500, tostring(problem)
          end)
        end
        """
    }
}
