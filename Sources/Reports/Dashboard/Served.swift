/// What makes a page of the dashboard out of a report: the way back, and where it leads to.
package struct Served: Sendable {
  /// A page of the dashboard.
  package struct Link: Sendable {
    /// Its name.
    package var title: String
    /// Its path, percent-encoded where it has to be.
    package var address: String

    /// Makes a link.
    package init(_ title: String, _ address: String) {
      self.title = title
      self.address = address
    }

    var markup: String { "<a href=\"\(HTML.escaped(address))\">\(HTML.isolated(title))</a>" }
  }

  /// The pages above this one, the start first.
  package var path: [Link]
  /// Where the stories of a run's transactions are told; `nil` where there are none.
  package var stories: String?
  /// Whether the page follows what is going on.
  package var isLive: Bool

  /// Makes a place.
  package init(path: [Link], stories: String? = nil, isLive: Bool = false) {
    self.path = path
    self.stories = stories
    self.isLive = isLive
  }

  /// A value for the query of an address, percent-encoded.
  package static func query(_ text: String) -> String { HTML.query(text) }

  /// Where one asks for the story of a transaction.
  var question: String {
    guard let stories else { return "" }
    return """
      <form action="\(HTML.escaped(stories))" method="get"><p><label>A usage event, charge, invoice, posting, document or payment, \
      such as <code>invoice US-000042</code><br><input name="transaction" required maxlength="200" autocomplete="off"></label> \
      <button>Explain it</button></p></form>
      """
  }

  /// A link to the story of a violation, counted from 1 over all that the record shows; nothing in a file.
  func story(ofViolation number: Int) -> String {
    stories.map { " · <a href=\"\(HTML.escaped($0))?violation=\(number)\">its story</a>" } ?? ""
  }

  /// Where the search for transactions goes.
  static let search = """
    <form action="/search" method="get" role="search"><p><label>A transaction, or part of its id<br>\
    <input name="transaction" required maxlength="200" autocomplete="off"></label> <button>Search</button></p></form>
    """
}
