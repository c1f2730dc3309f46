import Mustache

/// A page that stands on its own: style and script are in it, and it asks the network for nothing.
struct HTMLPage {
  /// A part of the page with a stable anchor.
  struct Section {
    var id: String
    var title: String
    /// Checked markup.
    var content: String
  }

  /// A figure at the top.
  struct Figure {
    var name: String
    var value: String
    /// `good`, `bad`, or nothing.
    var tone = ""
  }

  var title: String
  /// `PASS`, `FAIL`, `INTERRUPTED`, or what the page is.
  var verdict: String
  /// `good`, `bad` or `plain`.
  var tone: String
  /// What a reader takes away in ten seconds.
  var headline: String
  var subtitle: String
  var figures: [Figure] = []
  var sections: [Section] = []
  var foot: String
  /// What makes a page of the dashboard of it; `nil`: a file that stands alone.
  var served: Served?

  /// The page.
  ///
  /// - Throws: where the template does not parse, which a test rules out.
  func html() throws -> String {
    let template = try MustacheTemplate(string: Self.template)
    // The template escapes markup; what hides in a text is taken out before.
    var page = self
    for key in [\HTMLPage.title, \.headline, \.subtitle, \.foot] {
      page[keyPath: key] = HTML.visible(page[keyPath: key])
    }
    for index in page.figures.indices {
      page.figures[index].name = HTML.visible(page.figures[index].name)
      page.figures[index].value = HTML.visible(page.figures[index].value)
    }
    if page.served == nil, !page.foot.isEmpty { page.foot += " · this file needs no network" }
    let isLive = served?.isLive ?? false
    return template.render(
      Context(
        page: page, style: PageStyle.css,
        script: PageScript.javaScript + (isLive ? "\n" + PageScript.following : ""),
        policy: served == nil ? "" : "; connect-src 'self'; form-action 'self'",
        live: isLive ? " data-live" : "", hasContents: page.sections.count > 1,
        path: served.map { $0.path.map(\.markup).joined(separator: " › ") } ?? ""))
  }

  private struct Context {
    var page: HTMLPage
    var style: String
    var script: String
    var policy: String
    var live: String
    var hasContents: Bool
    /// Checked markup.
    var path: String
  }

  private static let template = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:{{{policy}}}">
    <meta name="color-scheme" content="light dark">
    <title>{{page.verdict}} · {{page.title}}</title>
    <style>{{{style}}}</style>
    </head>
    <body{{{live}}}>
    <a class="skip" href="#content">To the content</a>
    <header>
    <p class="brand">Meterstorm</p>
    {{#path}}<p class="path">{{{path}}}</p>
    {{/path}}    <h1><span class="verdict {{page.tone}}">{{page.verdict}}</span> <bdi>{{page.title}}</bdi></h1>
    <p class="headline">{{page.headline}}</p>
    <p class="quiet">{{page.subtitle}}</p>
    <dl class="figures">
    {{#page.figures}}<div class="{{tone}}"><dt>{{name}}</dt><dd>{{value}}</dd></div>
    {{/page.figures}}
    </dl>
    </header>
    {{#hasContents}}<nav aria-label="Contents"><ul>
    {{#page.sections}}<li><a href="#{{id}}">{{title}}</a></li>
    {{/page.sections}}
    </ul></nav>
    {{/hasContents}}
    <main id="content">
    {{#page.sections}}<section id="{{id}}" aria-labelledby="{{id}}-title"><h2 id="{{id}}-title">{{title}}</h2>
    {{{content}}}
    </section>
    {{/page.sections}}
    </main>
    <footer><p>{{page.foot}}</p></footer>
    <script>{{{script}}}</script>
    </body>
    </html>

    """
}
