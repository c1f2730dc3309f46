import Synchronization

/// Pages that were made lately, within bounds.
final class PageCache: Sendable {
  /// A page.
  struct Page: Sendable {
    var bytes: [UInt8]
    var contentType: String
    /// Changes with the content; another in each process.
    var tag: String

    init(_ text: String, contentType: String = "text/html; charset=utf-8") {
      self.init(bytes: Array(text.utf8), contentType: contentType)
    }

    init(bytes: [UInt8], contentType: String) {
      self.bytes = bytes
      self.contentType = contentType
      tag = "\"\(bytes.hashValue)-\(bytes.count)\""
    }
  }

  private struct Entry {
    var page: Page
    var revision: Int64
    var used: UInt64
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var bytes = 0
    var clock: UInt64 = 0
  }

  private let state = Mutex(State())
  private let maximum: (pages: Int, bytes: Int)

  init(pages: Int = 128, bytes: Int = 48 << 20) { maximum = (pages, bytes) }

  /// The page at an address, as of a revision.
  func page(_ address: String, revision: Int64) -> Page? {
    state.withLock { state in
      guard state.entries[address]?.revision == revision else { return nil }
      state.clock += 1
      state.entries[address]?.used = state.clock
      return state.entries[address]?.page
    }
  }

  /// Keeps a page, in the place of those that were not asked for the longest.
  func keep(_ page: Page, at address: String, revision: Int64) {
    guard page.bytes.count <= maximum.bytes / 2 else { return }
    state.withLock { state in
      state.clock += 1
      let old = state.entries.updateValue(
        Entry(page: page, revision: revision, used: state.clock), forKey: address)
      state.bytes += page.bytes.count - (old?.page.bytes.count ?? 0)
      while state.entries.count > maximum.pages || state.bytes > maximum.bytes,
        let oldest = state.entries.min(by: { $0.value.used < $1.value.used })?.key,
        let entry = state.entries.removeValue(forKey: oldest)
      {
        state.bytes -= entry.page.bytes.count
      }
    }
  }

  /// How many bytes are kept.
  var bytes: Int { state.withLock { $0.bytes } }
}
