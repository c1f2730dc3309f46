import Foundation
import Scenario

/// What the operating system says of an error, without the sentences that libraries make of it.
package enum SystemError {
  /// The number of the operating system's error, such as `ENOSPC`; `nil` where it is none.
  package static func number(_ error: any Error) -> Int32? {
    var next: NSError? = error as NSError
    while let error = next {
      if error.domain == NSPOSIXErrorDomain { return Int32(error.code) }
      next = error.userInfo[NSUnderlyingErrorKey] as? NSError
    }
    return nil
  }

  /// Whether there is no space left, or no more that the user may have.
  static func isFull(_ error: any Error) -> Bool {
    [ENOSPC, EDQUOT].contains(number(error)) || (error as? CocoaError)?.code == .fileWriteOutOfSpace
  }

  /// `No space left on device`.
  package static func reason(_ error: any Error) -> String {
    if let number = number(error) { return String(cString: strerror(number)) }
    switch (error as? CocoaError)?.code {
    case .fileWriteOutOfSpace: return String(cString: strerror(ENOSPC))
    case .fileReadNoSuchFile, .fileNoSuchFile: return String(cString: strerror(ENOENT))
    case .fileReadNoPermission, .fileWriteNoPermission: return String(cString: strerror(EACCES))
    case .fileWriteVolumeReadOnly: return String(cString: strerror(EROFS))
    default: return "the file system reports an error"
    }
  }
}

/// A file that a command reads whole.
enum InputFile {
  /// Its bytes.
  ///
  /// - Parameter missing: what is said where there is none, behind its name.
  /// - Throws: ``Exit/badInput``, after a sentence on standard error.
  static func data(_ path: String, missing: String = "there is no such file") throws -> Data {
    switch OutputPath.kind(of: OutputPath.resolved(path)) {
    case .nothing: return try refuse(path, FileAccess.problem(path, missing: missing) ?? missing)
    case .folder: return try refuse(path, "this is a folder, not a file")
    case .file, .link: break
    case .other: return try refuse(path, "this is not a regular file")
    }
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      return try refuse(path, "the file cannot be read: \(SystemError.reason(error))")
    }
  }

  /// Says what is wrong with a file.
  static func refuse<Value>(_ path: String, _ what: String) throws -> Value {
    Console.note("\(path): \(what)")
    throw Exit.badInput
  }
}
