import ArgumentParser
import Foundation
import Reports
import RunRecord
import Scenario

enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
  case timeline
  case hledger
}

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Renders what a run has written with --output.")

  @Argument(help: "The folder of --output, or the record file in it.")
  var output: String

  @Option(help: "text, json, timeline, or hledger (the ERPs' ledgers as plain-text accounting).")
  var format: ReportFormat = .text

  func run() throws {
    switch format {
    case .text: try Console.print(TextSummary(try record(), style: Console.style).text())
    case .json: try Console.write(record().json())
    case .timeline: try Console.print(Timeline(try record()).text())
    case .hledger:
      let file = folder.appendingPathComponent("journal.json")
      let journal = try read(file) { try Journal(json: $0) }
      try Console.print(HledgerJournal(journal).text())
    }
  }

  private var isFolder: Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: output, isDirectory: &isFolder) && isFolder.boolValue
  }

  private var folder: URL {
    let url = URL(fileURLWithPath: output)
    return isFolder ? url : url.deletingLastPathComponent()
  }

  private func record() throws -> RunRecord {
    let file = isFolder ? folder.appendingPathComponent("record.json") : URL(fileURLWithPath: output)
    return try read(file) { try RunRecord(json: $0) }
  }

  private func read<Value>(_ file: URL, _ decode: (Data) throws -> Value) throws -> Value {
    guard let data = try? Data(contentsOf: file) else {
      Console.note("\(file.relativePath): there is no such file; run with --output to make it")
      throw Exit.badInput
    }
    do {
      return try decode(data)
    } catch {
      Console.note("\(file.relativePath): this was not written by meterstorm run --output: \(error)")
      throw Exit.badInput
    }
  }
}
