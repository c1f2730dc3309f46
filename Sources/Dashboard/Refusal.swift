import HTTPTypes
import Hummingbird
import Reports

/// Why a page is not shown.
struct Refusal: Error {
  var status: HTTPResponse.Status
  /// What is wrong, and what would be right.
  var words: String
  /// When it is worth trying again, in seconds.
  var retryAfter: Int?

  init(_ status: HTTPResponse.Status, _ words: String, retryAfter: Int? = nil) {
    self.status = status
    self.words = words
    self.retryAfter = retryAfter
  }

  var response: Response {
    let page = (try? RefusalReport(status: status.code, words: words).html()) ?? words
    var headers: HTTPFields = [.contentType: "text/html; charset=utf-8"]
    if let retryAfter { headers[.retryAfter] = "\(retryAfter)" }
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: page)))
  }
}
