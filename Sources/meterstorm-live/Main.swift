import ArgumentParser
import Commands

/// What serves and loads over HTTP: `meterstorm` parses its verbs, and becomes this program for them. Simulating needs none of it.
@main
enum Main {
  static func main() {
    MeterstormCommand.perform { command in
      switch command {
      case let command as LoadCommand: try command.load()
      case let command as ServeCommand: try command.serve()
      case let command as PipelineCommand.Serve: try command.serve()
      case let command as ERPCommand.Serve: try command.serve()
      default:
        throw ValidationError(
          "meterstorm-live only serves and loads over HTTP; use meterstorm for all other verbs")
      }
    }
  }
}
