import Glibc

/// One line to standard error, in one write.
@usableFromInline
func standardError(_ line: String) {
    var line = line + "\n"
    line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
