import Foundation

/// The JSON Schema (draft 2020-12) of a run record: what readers may rely on. Every object is closed, so that a record with a
/// key that is not told of here is found by whoever validates it.
package enum RecordSchema {
  private indirect enum Shape {
    case text
    /// An instant of ISO 8601 in UTC.
    case instant
    /// An exact decimal figure.
    case decimal
    case whole
    case number
    case flag
    case one([String])
    case constant(String)
    case pattern(String)
    case list(Shape)
    case map(Shape)
    case nullable(Shape)
    case object([Field])
  }

  private struct Field {
    var name: String
    var shape: Shape
    var isRequired = true
  }

  /// The schema, indented, with sorted keys and a newline at the end.
  package static func json() throws -> Data {
    var schema = value(record)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$id"] = "urn:meterstorm:schema:record"
    schema["title"] = "Run record of Meterstorm, \(RunRecord.currentSchema)"
    let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try JSONSerialization.data(withJSONObject: schema, options: options) + Data("\n".utf8)
  }

  private static func value(_ shape: Shape) -> [String: Any] {
    switch shape {
    case .text: ["type": "string"]
    case .instant: ["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$"]
    case .decimal: ["type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$"]
    case .whole: ["type": "integer"]
    case .number: ["type": "number"]
    case .flag: ["type": "boolean"]
    case .one(let texts): ["enum": texts]
    case .constant(let text): ["const": text]
    case .pattern(let pattern): ["type": "string", "pattern": pattern]
    case .list(let element): ["type": "array", "items": value(element)]
    case .map(let element): ["type": "object", "additionalProperties": value(element)]
    case .nullable(let shape): ["anyOf": [value(shape), ["type": "null"]]]
    case .object(let fields):
      [
        "type": "object", "additionalProperties": false,
        "properties": Dictionary(uniqueKeysWithValues: fields.map { ($0.name, value($0.shape)) }),
        "required": fields.filter(\.isRequired).map(\.name).sorted(),
      ]
    }
  }

  private static func object(
    _ required: KeyValuePairs<String, Shape>, optional: KeyValuePairs<String, Shape> = [:]
  ) -> Shape {
    .object(
      required.map { Field(name: $0.key, shape: $0.value) }
        + optional.map { Field(name: $0.key, shape: $0.value, isRequired: false) })
  }

  private static var verdict: Shape { .one(["pass", "fail", "open"]) }

  private static var record: Shape {
    object(
      [
        "schema": .constant(RunRecord.currentSchema), "meterstorm": .text, "scenario": .text, "design": .text,
        "seed": .whole, "defect": .nullable(.text), "verdict": verdict, "interrupted": .flag,
        "fingerprint": .pattern("^[0-9a-f]{32}$"), "commandLine": .list(.text), "resolved": resolved,
        "simulated": simulated, "configuration": configuration,
        "controlTotals": controlTotals, "trialBalances": .list(trialBalance), "closes": .list(close),
        "invariants": .list(invariant), "expectations": .list(expectation),
        "requirements": .list(
          object(["name": .text, "kind": .one(["invariant", "situation"]), "isMet": .flag])),
        "situations": .map(.whole),
        "indicators": .map(object(["value": .number, "unit": .text])), "erps": .list(erp),
        "faults": .list(fault), "declaredFaults": .list(declaredFault), "exceptionCases": .map(.whole),
        "cases": .list(exceptionCase),
        "timeline": .list(moment), "series": series,
      ],
      optional: [
        "periods": .list(billingPeriod), "costs": costs, "wallClock": wallClock, "directory": .text,
        "defectActed": .flag,
      ])
  }

  private static var resolved: Shape {
    let settings = Shape.list(object(["path": .text, "value": .text], optional: ["builtIn": .text]))
    let part = object(
      ["name": .text, "base": .text, "settings": settings], optional: ["from": .instant])
    return object(["design": part, "erps": .list(part)])
  }

  private static var billingPeriod: Shape {
    object(
      ["period": .text, "closeSeconds": .number, "isCutOff": .flag, "postingLatency": .map(.number)],
      optional: ["entity": .text, "isOpen": .flag])
  }

  private static var costs: Shape {
    object(
      ["currency": .text, "parts": .list(object(["name": .text, "amount": .text])), "total": .text],
      optional: ["perMillionEvents": .text])
  }

  private static var declaredFault: Shape {
    object(["fault": .text, "began": .whole], optional: ["neverBegan": .text, "hits": .whole])
  }

  private static var simulated: Shape {
    object([
      "start": .instant, "end": .instant, "seconds": .number, "kernelEvents": .whole, "usageEvents": .whole,
      "deliveries": .whole, "deadline": .instant,
      "ended": .one(["quiescent", "limit", "interrupted"]),
    ])
  }

  private static var configuration: Shape {
    object([
      "file": .text, "description": .text, "horizon": .number, "customers": .whole,
      "entities": .list(object(["name": .text, "currency": .text, "erp": .text, "customers": .whole])),
      "meters": .list(.text), "processes": .list(.text),
    ])
  }

  private static var controlTotals: Shape {
    let usage = object(["count": .whole, "quantity": .decimal])
    let row = object(
      ["entity": .text, "currency": .text],
      optional: [
        "meter": .text, "count": .whole, "quantity": .decimal, "amount": .decimal,
        "hash": .pattern("^[0-9a-f]+$"), "unpriced": .whole,
      ])
    let boundary = object(
      ["boundary": .text, "entity": .text, "currency": .text, "balanced": .flag],
      optional: [
        "meter": .text, "countDifference": .whole, "quantityDifference": .decimal,
        "amountDifference": .decimal,
        "hashesMatch": .flag,
      ])
    return object([
      "capture": object(
        [
          "received": .whole, "accepted": .whole, "duplicates": .whole, "rejected": .whole,
          "quarantined": .whole, "operational": .whole,
        ], optional: ["takenBack": .whole]),
      "meters": .list(
        object([
          "meter": .text, "emitted": usage, "putAside": usage, "metered": usage, "rated": usage,
          "invoiced": usage,
        ])),
      "stages": .list(object(["stage": .text, "rows": .list(row)])), "boundaries": .list(boundary),
    ])
  }

  private static var trialBalance: Shape {
    let side = Shape.pattern("^([0-9]+(\\.[0-9]+)?)?$")
    return object([
      "entity": .text, "currency": .text, "debits": .decimal, "credits": .decimal,
      // One of the two is empty.
      "accounts": .list(object(["account": .text, "debit": side, "credit": side])),
    ])
  }

  private static var close: Shape {
    let view = object(["count": .whole, "asOf": .instant], optional: ["amount": .decimal])
    return object([
      "entity": .text, "currency": .text, "period": .text, "version": .whole, "operational": view,
      "billing": view,
      "finance": view,
    ])
  }

  private static var invariant: Shape {
    object([
      "name": .text, "boundary": .text,
      "verdict": .one(InvariantVerdict.allCases.map(\.rawValue)), "reasons": .list(.text),
      "statement": .text, "checks": .whole, "violationCount": .whole,
      "violations": .list(
        object(
          ["at": .instant, "ids": .list(.text), "expected": .text, "actual": .text, "events": .list(.text)],
          optional: ["difference": .text])),
    ])
  }

  private static var expectation: Shape {
    object(
      ["expectation": .text, "indicator": .text, "verdict": verdict, "threshold": .number],
      optional: ["measured": .number, "reason": .text])
  }

  private static var erp: Shape {
    object(
      [
        "entity": .text, "profile": .text, "calls": .whole, "throttled": .whole, "unavailable": .whole,
        "dropped": .whole,
        "answersLost": .whole, "lookUps": .whole, "keyHits": .whole, "documents": .whole,
        "peakOutbox": .whole,
        "postingLatency": .map(.number), "busySeconds": .number,
        "resources": .list(object(["name": .text, "utilization": .number, "peak": .number])),
      ], optional: ["account": .text])
  }

  private static var fault: Shape {
    object(
      ["target": .text, "kind": .text, "start": .instant, "end": .instant],
      optional: ["drainSeconds": .number, "neverEnds": .flag, "hits": .whole])
  }

  private static var exceptionCase: Shape {
    object(
      [
        "number": .whole, "kind": .text, "owner": .one(["finance", "revOps", "platform"]), "raised": .instant,
        "ageSeconds": .number, "waiting": .whole, "fields": .list(object(["name": .text, "value": .text])),
      ], optional: ["resolved": .instant])
  }

  private static var moment: Shape {
    object([
      "at": .instant, "subject": .text, "text": .text, "accepted": .whole, "processes": .list(.text),
      "erps": .list(
        object(["condition": .text, "outbox": .whole, "trend": .whole, "invoiced": .whole, "posted": .whole])),
    ])
  }

  private static var series: Shape {
    object([
      "step": .number, "delivered": .list(.whole), "refused": .list(.whole), "openWindows": .list(.whole),
      "brokerLag": .list(.whole), "outbox": .list(.list(.whole)), "posted": .list(.list(.whole)),
    ])
  }

  private static var wallClock: Shape {
    object([
      "seconds": .number, "kernelEventsPerSecond": .number, "usageEventsPerSecond": .number,
      "timesRealTime": .number,
      "allocatedBytes": .whole, "residentBytes": .whole, "peakResidentBytes": .whole,
      "allocator": object([
        "activeBytes": .whole, "mappedBytes": .whole, "retainedBytes": .whole, "metadataBytes": .whole,
        "arenas": .whole,
      ]),
    ])
  }
}
