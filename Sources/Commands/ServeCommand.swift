import ArgumentParser

package struct ServeCommand: NetworkCommand, Exemplified {
  package static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Shows a results database as a local web dashboard, read-only.",
    discussion: """
      Shows runs kept by 'run --database', campaigns in progress, studies, and explanations of transactions. For these, runs \
      are repeated: their scenarios are read from where they were, relative to the current folder.

      """ + Examples.text(examples))

  static let examples: [Example] = ["meterstorm serve runs.db --port 8380"]

  @Argument(
    help: ArgumentHelp("The database of 'run', 'campaign', 'compare' and 'capacity'.", valueName: "database"))
  package var database: String

  @OptionGroup package var service: ServiceOptions

  package init() {}
}
