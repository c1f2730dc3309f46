import RunRecord

/// A campaign as one HTML file.
package struct CampaignReport {
  /// Seeds of a campaign, for the dashboard.
  package struct Seeds: Sendable {
    /// Some of the runs, in the order of seeds.
    package var runs: [CampaignRun]
    /// What is wrong with those that cannot be read.
    package var unreadable: [String]
    /// Where further ones are; `nil`: there are none.
    package var next: Served.Link?
    /// Where the page of a seed is, without the seed.
    package var address: String

    /// Makes a list.
    package init(runs: [CampaignRun], unreadable: [String] = [], next: Served.Link?, address: String) {
      self.runs = runs
      self.unreadable = unreadable
      self.next = next
      self.address = address
    }
  }

  private let summary: CampaignSummary
  private let served: Served?
  private let seeds: Seeds?

  /// Makes a report.
  ///
  /// - Parameters:
  ///   - served: its place in the dashboard; `nil`: a file.
  ///   - seeds: of which the dashboard shows some, with links.
  package init(_ summary: CampaignSummary, served: Served? = nil, seeds: Seeds? = nil) {
    self.summary = summary
    self.served = served
    self.seeds = seeds
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  package func html() throws -> String {
    let failed = summary.runs - summary.passed
    let all = summary.situations.count - summary.avoided.count - summary.impossible.count
    let reached = all - summary.neverReached.count
    let (verdict, tone) =
      failed > 0 || !summary.interrupted && summary.runs > 0 && !summary.isPass
      ? ("FAIL", "bad")
      : summary.interrupted
        ? ("INTERRUPTED", "bad") : summary.runs == 0 ? ("NOTHING RUN", "bad") : ("PASS", "good")
    let certainty =
      (summary.failureBound.map {
        ": with \(Wording.fixed(100 * (summary.confidence ?? 0), decimals: 0)) % confidence, fewer than \(CampaignWording.percent(above: $0)) of seeds fail."
      } ?? ".") + (summary.hasTooFewSeeds ? " Fewer seeds than required." : "")
    var page = HTMLPage(
      title: summary.scenario, verdict: verdict, tone: tone,
      headline: failed == 0
        ? (summary.runs == 0
          ? "No seed has been run." : "\(Wording.grouped(summary.passed)) seeds, no violation\(certainty)")
          + (summary.requirements.contains { !$0.isMet }
            ? " Required, but on no seed: "
              + summary.requirements.filter { !$0.isMet }.map(\.name).joined(separator: ", ") + "." : "")
        : "\(Wording.grouped(failed)) of \(Wording.grouped(summary.runs)) seeds fail, in \(summary.failures.count == 1 ? "one way" : "\(summary.failures.count) ways").",
      subtitle: summary.options.joined(separator: ", "),
      foot: "Meterstorm \(summary.meterstorm) · scenario \(summary.scenarioHash)"
    )
    page.served = served
    page.figures = [
      .init(
        name: "seeds that passed",
        value: "\(Wording.grouped(summary.passed)) of \(Wording.grouped(summary.runs))",
        tone: failed == 0 ? "good" : "bad"),
      .init(name: "usage events", value: Wording.short(Double(summary.usageEvents))),
      .init(name: "virtual time", value: Wording.span(summary.simulatedSeconds)),
      .init(name: "situations reached", value: "\(reached) of \(all)", tone: reached == all ? "good" : ""),
      .init(
        name: "invariants exercised",
        value: "\(summary.exercised.count - summary.notExercised.count) of \(summary.exercised.count)"),
    ]
    if !summary.failures.isEmpty {
      page.sections.append(.init(id: "failures", title: "What broke", content: failures))
    }
    if let seeds { page.sections.append(.init(id: "seeds", title: "Seeds", content: list(seeds))) }
    page.sections.append(.init(id: "situations", title: "Situations", content: situations))
    if !summary.exercised.isEmpty {
      page.sections.append(.init(id: "invariants", title: "Invariants", content: exercised))
    }
    return try page.html()
  }

  private func list(_ seeds: Seeds) -> String {
    let rows = seeds.runs.map { run -> [HTML.Cell] in
      let what =
        run.broken.first.map { "\($0.invariant) at \(Wording.instant($0.at))" } ?? run.missed.first ?? ""
      return [
        .raw(link(run.seed)), OverviewReport.verdict(run.verdict), .number(Wording.grouped(run.usageEvents)),
        .text(what), .quiet(run.cause),
      ]
    }
    let unreadable = seeds.unreadable.map { HTML.paragraph("unreadable: \($0)", "bad") }.joined()
    return unreadable
      + HTML.table(
        "Seeds, those that failed first",
        header: ["seed", "verdict", "usage events", "what broke first", "faults active"],
        numbers: [1, 2], rows: rows) + (seeds.next.map { "<p>\($0.markup)</p>" } ?? "")
  }

  /// A seed, which in the dashboard leads to its page.
  private func link(_ seed: UInt64) -> String {
    seeds.map { Served.Link("\(seed)", "\($0.address)/\(seed)").markup } ?? "\(seed)"
  }

  private var failures: String {
    summary.failures.map { group in
      let example =
        group.example.map {
          "<p>Seed \(link(group.exampleSeed)), \(HTML.escaped(Wording.instant($0.at))) · \(HTML.isolated($0.ids.joined(separator: ", ")))<br>expected <strong>\(HTML.escaped($0.expected))</strong>, found <strong class=\"bad\">\(HTML.escaped($0.actual))</strong></p>"
        } ?? ""
      let seeds =
        group.seeds.map(link).joined(separator: ", ") + (group.count > group.seeds.count ? ", …" : "")
      let shrunk =
        group.shrunk.map {
          HTML.details("the minimal scenario that still fails", "<pre>\(HTML.escaped($0))</pre>")
        }
        ?? ""
      return """
        <article><h3>✗ \(HTML.escaped(group.invariant)) on \(Wording.grouped(group.count)) seed\(group.count == 1 ? "" : "s")</h3>
        <p class="quiet">cause: \(HTML.escaped(group.causeText)); seeds \(seeds)</p>
        \(example)<pre>\(HTML.escaped(commands(group.exampleSeed)))</pre>\(fixed(group))\(shrunk)</article>
        """
    }.joined(separator: "\n")
  }

  private func fixed(_ group: CampaignSummary.Group) -> String {
    CampaignWording.fix(group, summary).map { HTML.paragraph("fixed when \($0)", "quiet") } ?? ""
  }

  /// What repeats a seed, and what shrinks it.
  private func commands(_ seed: UInt64) -> String {
    ["run", "shrink"].map { summary.command($0, seed: seed) }.joined(separator: "\n")
  }

  private var situations: String {
    let rows = summary.situations.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      name, runs -> [HTML.Cell] in
      [
        .text(name), .number(Wording.grouped(runs)),
        summary.impossible.contains(name)
          ? .quiet("cannot occur here\(summary.lacking?[name].map { ": \($0)" } ?? "")")
          : summary.avoided.contains(name)
            ? .quiet("needs a defect") : runs == 0 ? .bad("never") : .good("✓"),
      ]
    }
    let faults =
      summary.faults.isEmpty
      ? ""
      : HTML.table(
        "On how many seeds each fault began, and on how many it hit something",
        header: ["fault", "began", "hit something"], numbers: [1, 2],
        rows: summary.faults.map {
          [
            .text($0.fault), $0.seeds == 0 ? .bad("never") : .number(Wording.grouped($0.seeds)),
            $0.hits == 0 && $0.seeds > 0
              ? .bad("hit nothing") : .number($0.seeds == 0 ? "" : CampaignWording.hits($0)),
          ]
        })
    let never = summary.neverReached.sorted()
    return faults
      + (never.isEmpty
        ? "" : HTML.paragraph("Never reached: \(never.joined(separator: ", ")).", "warn"))
      + HTML.details(
        "all \(rows.count) situations",
        HTML.table(
          "In how many runs each situation was reached", header: ["situation", "runs", ""], numbers: [1, 2],
          rows: rows))
  }

  private var exercised: String {
    let idle = summary.notExercised.sorted()
    return
      (idle.isEmpty
      ? ""
      : HTML.paragraph("Not exercised, so nothing is claimed: \(idle.joined(separator: ", ")).", "quiet"))
      + HTML.details(
        "all \(summary.exercised.count) invariants",
        HTML.table(
          "In how many runs each invariant was exercised", header: ["invariant", "runs", ""], numbers: [1],
          rows: summary.exercised.sorted { $0.key < $1.key }.map { name, runs in
            [
              .text(name), .number(Wording.grouped(runs)),
              runs == 0 ? .quiet("– not exercised: nothing is claimed") : .good("✓"),
            ]
          }))
  }
}
