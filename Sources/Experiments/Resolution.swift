import CanonicalModel
import Chronology
import RunRecord
import Scenario
import World

extension RunRecord.Resolved {
  /// Every setting of a scenario's design and ERPs, beside what the built-in ones have.
  init(_ scenario: ScenarioFile) {
    var erps: [Part] = []
    for entity in scenario.entities {
      if let part = Part(entity.erp, of: entity.name) { erps.append(part) }
      if let cutOver = entity.cutOver, let part = Part(cutOver.erp, of: entity.name, from: "\(cutOver.at)") {
        erps.append(part)
      }
    }
    let design = scenario.design
    let base = DesignFile.builtIn.first { $0.design.name == design.base }?.design
    self.init(
      design: Part(
        name: design.name, base: design.base,
        settings: Part.settings(design.settings, besides: base?.settings ?? [])
          + Part.settings(design.figures, besides: base?.figures ?? []).filter { $0.builtIn != nil }),
      erps: erps)
  }
}

extension RunRecord.Resolved.Part {
  /// `nil` for a profile that there is not, with which nothing can have been run.
  fileprivate init?(_ erp: ERPFile, of entity: String, from: String? = nil) {
    guard let profile = try? ERPProfile(erp),
      let base = ERPProfile.builtIn.first(where: { $0.name == erp.profile })
    else { return nil }
    self.init(
      name: entity, base: erp.profile, from: from,
      settings: Self.settings(profile.settings, besides: base.settings)
        + Self.settings(
          [("payloadShape", profile.payloadShape.rawValue)] + profile.assumed,
          besides: [("payloadShape", base.payloadShape.rawValue)] + base.assumed
        ).filter { $0.builtIn != nil })
  }

  fileprivate static func settings(
    _ own: [(path: String, value: String)], besides base: [(path: String, value: String)]
  ) -> [RunRecord.Resolved.Setting] {
    own.enumerated().map { index, setting in
      RunRecord.Resolved.Setting(
        path: setting.path, value: setting.value,
        builtIn: base.indices.contains(index) ? base[index].value : nil)
    }
  }
}

extension ERPProfile {
  /// Every setting with its key in a scenario.
  fileprivate var settings: [(path: String, value: String)] {
    let limits = limits.map {
      "{ limit: \($0.limit), per: \($0.per.written), unit: \($0.unit.rawValue), window: \($0.window.rawValue) }"
    }
    let kept: String
    switch idempotency {
    case .key(let retention, let refuses):
      kept = "{ retention: \(retention.written), refusesOtherBodies: \(refuses) }"
    case .none, .externalID, .uniqueNumber: kept = idempotency.name
    }
    return [
      ("limits", "[\(limits.joined(separator: ", "))]"),
      ("concurrency", concurrency.map { "\($0)" } ?? "unlimited"),
      ("reserved", "\(reserved)"),
      ("queueDepth", "\(queueDepth)"),
      ("queueWait", queueWait.written),
      ("latency", latency.written),
      ("latencyLaw", latencyLaw.rawValue),
      ("latencySigma", "\(latencySigma)"),
      ("latencyPerDocument", latencyPerDocument.written),
      ("serverTimeout", serverTimeout.written),
      ("documentsPerCall", documentsPerCall.map { "\($0)" } ?? "unlimited"),
      ("linesPerDocument", linesPerDocument.map { "\($0)" } ?? "unlimited"),
      ("idempotency", kept),
      ("jobTime", jobTime?.written ?? "at once"),
      ("laterRejections", "\(laterRejections)"),
      ("retryAfter", retryAfter?.written ?? "not said"),
      ("periods", periods.rawValue),
      ("indexLag", indexLag.written),
      ("lostAnswers", "\(lostAnswers)"),
    ]
  }

  /// The figures that no vendor publishes, with their keys in a scenario: a record names those that are not as in every built-in profile.
  var assumed: [(path: String, value: String)] {
    [
      ("answerAfter", answerAfter.written),
      ("refusalAfter", refusalAfter.written),
      ("unavailableAfter", unavailableAfter.written),
      ("refusalsHoldFor", refusalsHoldFor.written),
      ("copyWithin", copyWithin.written),
      ("faultJobTime", faultJobTime.written),
      ("underWay", underWay.written),
      ("ledgerTurnover", "\(ledgerTurnover)"),
      ("payload.amountDigits", "\(payload.amountDigits)"),
      ("payload.firstYear", "\(payload.years.lowerBound)"),
      ("payload.lastYear", "\(payload.years.upperBound)"),
    ]
  }
}
