extension Journal: CheckedRecord {
  /// What the exports of ledgers rely on.
  package func check() throws(RecordProblem) {
    try Check.each("documents", documents) { (document) throws(RecordProblem) in
      try Check.instant(document.posted, "posted")
      for (key, text) in [
        ("entity", document.entity), ("key", document.key), ("customer", document.customer),
        ("period", document.period), ("currency", document.currency),
      ] { try Check.line(text, key) }
      try Check.each("lines", document.lines) { (line) throws(RecordProblem) in
        try Check.line(line.account, "account")
        try Check.decimal(line.amount, "amount")
      }
    }
  }
}
