import Chronology
import Scenario

/// The files that `init` writes.
struct Starter {
  /// A file: its name in the folder, and its text.
  struct File {
    var name: String
    var text: String
  }

  /// Recorded usage that the scenario replays.
  struct Trace {
    /// The file, as seen from the folder.
    var file: String
    var profile: TraceProfile

    /// The meters: the columns in the spelling of meters, each once.
    var meters: [String] {
      let names = profile.quantities.map(Self.meter)
      return names.count == Set(names).count ? names : names.enumerated().map { "\($1)_\($0 + 1)" }
    }

    /// `context_tokens` of `ContextTokens`.
    private static func meter(_ column: String) -> String {
      var name = ""
      var wasLower = false
      for character in column {
        guard character.isASCII, character.isLetter || character.isNumber else {
          if !name.isEmpty, !name.hasSuffix("_") { name += "_" }
          wasLower = false
          continue
        }
        if character.isUppercase, wasLower { name += "_" }
        name += character.lowercased()
        wasLower = character.isLowercase || character.isNumber
      }
      while name.hasSuffix("_") { name.removeLast() }
      name = String(name.prefix(40))
      return name.first?.isLetter == true ? name : "usage"
    }
  }

  static let scenario = "scenario.yaml"
  static let design = "design.yaml"
  static let priceBook = "price-book.yaml"

  let trace: Trace?
  let files: [File]

  init(_ trace: Trace?) {
    self.trace = trace
    files =
      [
        File(name: Self.scenario, text: Self.modeline(.scenario) + Self.scenario(trace)),
        File(name: Self.design, text: Self.modeline(.design) + Self.designText),
        File(name: Self.priceBook, text: Self.modeline(.priceBook) + Self.priceBook(trace)),
      ]
      + FileKind.documents.map { File(name: Self.schema($0), text: $0.schema.text() + "\n") }
  }

  private static func schema(_ kind: FileKind) -> String { "schemas/\(kind.schemaName).schema.json" }

  /// By which editors check and complete a file.
  private static func modeline(_ kind: FileKind) -> String {
    "# yaml-language-server: $schema=\(schema(kind))\n"
  }

  private static func scenario(_ trace: Trace?) -> String {
    """
    \(trace == nil
      ? "# A month of usage of 100 customers, and an ERP that is down for six hours when the invoices are to be posted."
      : "# Recorded usage, replayed, and an ERP that is down for six hours when the invoices are to be posted.")
    # All keys: meterstorm schema scenario. All kinds of faults: meterstorm list faults.
    name: \(trace == nil ? "starter" : "replayed")
    seed: 42
    start: \(span(trace).start)
    horizon: \(span(trace).days)d                    # of usage; the run goes on until all queues have drained
    design: \(design)

    entities:
      - { name: us, currency: USD, erp: netsuite }

    customers:
      count: \(customers(trace))
      skew: { zipf: 1.1 }
      contracts: { us: \(priceBook) }

    load:
    \(load(trace))

    delivery:
      duplicates: 2%
      late: { share: 1%, delay: { pareto: { min: 1h, shape: 1.5, max: 5d } } }

    faults:
      - { at: month-end, for: 6h, target: erp/us, outage: {} }
      - { at: month-end+6h, for: 2d, target: erp/us, timeoutAfterCommit: { share: 30% } }

    expectations:
      - postingLatency.p99 < 24h
      - closeCycleTime < 3d
      - reconciliationBreaks == 0

    """
  }

  /// As many as the trace names, within what a scenario can have.
  private static func customers(_ trace: Trace?) -> String {
    guard let customers = trace?.profile.customers else { return "100" }
    return
      "\(min(max(customers.count, 1), 100_000))                           # as many as the trace's '\(customers.column)' names; the customer of each event is drawn"
  }

  private static func load(_ trace: Trace?) -> String {
    guard let trace else {
      return """
        \u{20} - meter: api_calls
            arrivals: { bursts: { base: 60/h, peak: 600/h, on: 20m, off: 4h } }
            quantity: { lognormal: { median: 30, sigma: 1 } }
        """
    }
    let profile = trace.profile
    let columns =
      zip(trace.meters, profile.quantities).map { meter, column in
        "\(quoted(meter)): \(quoted(column))"
      }.joined(separator: ", ")
    let quantities =
      profile.quantities.count == 1
      ? "quantity: \(quoted(profile.quantities[0]))" : "quantities: { \(columns) }"
    return """
      \u{20} - \(profile.quantities.count == 1 ? "meter: \(trace.meters[0])" : "event: usage")
          trace:                      # \(profile.rows) rows
            file: \(quoted(trace.file))
            timestamp: \(quoted(profile.timestamp))
            \(quantities)
      """
  }

  /// A text as YAML has it, whatever is in it.
  private static func quoted(_ text: String) -> String { JSONValue.quoted(text) }

  /// From the beginning of the first row's month until two days after the end of the last row's, so that its invoices are posted.
  private static func span(_ trace: Trace?) -> (start: String, days: Int) {
    guard let profile = trace?.profile else { return ("2026-01-01T00:00:00Z", 31) }
    let first = profile.first.date
    let start = CivilDate(year: first.year, month: first.month, day: 1).start
    let last = profile.last.date
    let end = CivilDate(
      year: last.month == 12 ? last.year + 1 : last.year, month: last.month == 12 ? 1 : last.month + 1, day: 1
    ).start
    return ("\(start)", Int((end - start).seconds / 86_400) + 2)
  }

  private static let designText = """
    # How the pipeline works: anything not set here comes from the design that it extends.
    # All keys: meterstorm schema design. Built-in designs: meterstorm list designs.
    extends: middleware
    name: my-design
    posting: { concurrency: 4, batchSize: 10 }

    """

  private static func priceBook(_ trace: Trace?) -> String {
    let charges =
      trace.map { trace in
        trace.meters.map { "  - { meter: \($0), model: perUnit, unitPrice: 0.00001 }" }.joined(
          separator: "\n")
      } ?? """
        \u{20} - meter: api_calls
            model: graduated
            includedUnits: 1000
            tiers:
              - { upTo: 10000, unitPrice: 0.002 }
              - { unitPrice: 0.001 }
        """
    return """
      # What usage costs. All models: meterstorm schema price-book. To see the working: meterstorm quote \(priceBook) --usage 5000
      currency: USD
      charges:
      \(charges)

      """
  }

  /// Of the repository's root, where GitHub looks.
  ///
  /// - Parameter folder: of the files, as seen from there; empty: they lie in it.
  static func workflow(in folder: String) -> File {
    let slug = folder.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    let name = folder.isEmpty ? "meterstorm" : "meterstorm-\(String(slug))"
    let path = folder.isEmpty ? "" : folder + "/"
    return File(
      name: ".github/workflows/\(name).yml",
      text: """
        # Runs the scenario on each pull request: once as it is, then on other seeds, whose results are compared with the default branch's.
        name: \(name)
        on: [push, pull_request]
        permissions: { contents: read }
        concurrency: { group: "\(name)-${{ github.ref }}", cancel-in-progress: true }
        jobs:
          simulate:
            # Pushes to the default branch keep the results that pull requests are compared with; others are pull requests already.
            if: github.event_name == 'pull_request' || github.ref_name == github.event.repository.default_branch
            runs-on: ubuntu-latest
            timeout-minutes: 20
            # A .meterstorm.yaml of the pull request must not name a database with verdicts in it.
            env: { METERSTORM_DEFAULTS: none }
        \(folder.isEmpty ? "" : "    defaults: { run: { working-directory: \(quoted(folder)) } }\n")    steps:
              - uses: actions/checkout@v4
              - uses: actions/setup-python@v5
                with: { python-version: "3.12" }
              # The repository variable METERSTORM_WHEEL names the wheel to install, such as its address in your own registry.
              - run: pip install "${WHEEL:?set the repository variable METERSTORM_WHEEL; pull requests from forks cannot read it}"
                env: { WHEEL: "${{ vars.METERSTORM_WHEEL }}" }
              - run: meterstorm validate \(scenario) \(design) \(priceBook)
              - run: meterstorm run \(scenario)
              # Fewer than 50 seeds within five minutes fail the job: nothing is concluded from too few.
              - if: ${{ !cancelled() }}
                run: |
                  rm -f results.db main.db    # what the checkout holds under these names is nobody's result
                  meterstorm campaign \(scenario) --seeds 1..100 --minutes 5 --minimum-seeds 50 \\
                    --database results.db --commit "$GITHUB_SHA" --junit meterstorm.xml --github
              # What fails on the default branch fails in its results as well: the gate tells what is new.
              - if: ${{ !cancelled() && github.event_name == 'push' }}
                run: cp results.db main.db
              - if: ${{ !cancelled() && github.event_name == 'push' }}
                uses: actions/cache/save@v4
                with: { path: \(quoted(path + "main.db")), key: "\(name)-${{ github.sha }}" }
              - if: ${{ !cancelled() && github.event_name == 'pull_request' }}
                id: main
                uses: actions/cache/restore@v4
                with:
                  path: \(quoted(path + "main.db"))
                  key: \(name)-${{ github.event.pull_request.base.sha }}
                  restore-keys: \(name)-
              - if: ${{ !cancelled() && github.event_name == 'pull_request' }}
                run: |
                  if [ -f main.db ]; then meterstorm gate main.db results.db --github
                  else echo "::warning::no results of the default branch are kept yet: nothing was compared"; fi
              - uses: actions/upload-artifact@v4
                if: always()
                with:
                  name: \(name)
                  path: |
                    \(path)meterstorm.xml
                    \(path)results.db
                  if-no-files-found: ignore

        """)
  }
}
