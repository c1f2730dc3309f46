import Addresses
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Lets those requests through that may be answered.
struct Gate: RouterMiddleware {
  let address: ListenAddress
  let token: String?
  let target: Int
  let readOnly: Bool

  private static let cookie = "meterstorm-token"
  /// Answers run nothing that is not in them, and ask nobody else.
  private static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; connect-src 'self'; "
    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

  func handle(
    _ request: Request, context: BasicRequestContext,
    next: (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    var response: Response
    if let refusal = refusal(of: request) {
      response = refusal
    } else {
      do {
        response = try await next(request, context)
      } catch let error as any HTTPResponseError {
        response = .refusing(error.status, "\(error.status.code) \(error.status.reasonPhrase.lowercased())")
      }
    }
    response.headers[.contentSecurityPolicy] = Self.policy
    response.headers[.xContentTypeOptions] = "nosniff"
    response.headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
    if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    return response
  }

  private func refusal(of request: Request) -> Response? {
    guard request.uri.string.utf8.count <= target else {
      return .refusing(.uriTooLong, "the address is too long")
    }
    if readOnly, request.method != .get, request.method != .head {
      return .refusing(.methodNotAllowed, "only GET and HEAD are allowed", [.allow: "GET, HEAD"])
    }
    guard isMeant(request) else {
      return .refusing(.misdirectedRequest, "misdirected request")
    }
    if request.headers[HTTPField.Name("Sec-Fetch-Site")!] == "cross-site" {
      return .refusing(.forbidden, "cross-site requests are refused")
    }
    return token.flatMap { access(request, $0) }
  }

  /// Whether the request is for this machine by name: a page of another site may have its own name point here.
  private func isMeant(_ request: Request) -> Bool {
    guard address.isLoopback, let authority = request.head.authority else { return true }
    let host =
      authority.hasPrefix("[")
      ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    return ListenAddress.isLoopback(String(host))
  }

  /// Why a request without the right token is refused; `nil`: it has it.
  private func access(_ request: Request, _ token: String) -> Response? {
    if request.headers[.authorization].map({ Self.same($0, "Bearer " + token) }) == true { return nil }
    let cookies = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }
    let shown = cookies.map { $0.drop { $0 == " " } }.first { $0.hasPrefix(Self.cookie + "=") }
    if let shown, Self.same(String(shown.dropFirst(Self.cookie.count + 1)), token) { return nil }
    // A browser shows it once, in the address, and has it in a cookie from then on.
    if let given = request.uri.queryParameters["token"], Self.same(String(given), token) {
      return .refusing(
        .seeOther, "the token is right",
        [
          .location: request.uri.path,
          .setCookie: "\(Self.cookie)=\(token); Path=/; HttpOnly; SameSite=Strict",
        ])
    }
    return .refusing(
      .unauthorized, "a token is required: 'Authorization: Bearer TOKEN', or ?token=TOKEN once",
      [.wwwAuthenticate: "Bearer"])
  }

  /// Compares in a time that does not depend on where two texts differ.
  private static func same(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

extension Response {
  /// A refusal in words.
  package static func refusing(
    _ status: HTTPResponse.Status, _ words: String, _ headers: HTTPFields = [:]
  ) -> Response {
    var headers = headers
    headers[.contentType] = "text/plain; charset=utf-8"
    return Response(
      status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: words + "\n")))
  }
}
