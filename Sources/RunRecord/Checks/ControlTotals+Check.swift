extension RunRecord.ControlTotals {
  func check() throws(RecordProblem) {
    try Check.within("capture") { () throws(RecordProblem) in
      for (key, value) in [
        ("received", capture.received), ("accepted", capture.accepted), ("duplicates", capture.duplicates),
        ("rejected", capture.rejected), ("quarantined", capture.quarantined),
        ("operational", capture.operational), ("takenBack", capture.takenBack ?? 0),
      ] { try Check.count(value, key) }
    }
    try Check.each("meters", meters) { (meter) throws(RecordProblem) in
      for (key, usage) in [
        ("emitted", meter.emitted), ("putAside", meter.putAside), ("metered", meter.metered),
        ("rated", meter.rated), ("invoiced", meter.invoiced),
      ] {
        try Check.within(key) { () throws(RecordProblem) in
          try Check.difference(usage.count, "count")
          try Check.decimal(usage.quantity, "quantity")
        }
      }
    }
    try Check.each("stages", stages) { (stage) throws(RecordProblem) in
      try Check.each("rows", stage.rows) { (row) throws(RecordProblem) in
        try Check.difference(row.count, "count")
        try Check.difference(row.unpriced, "unpriced")
        try Check.decimal(row.quantity, "quantity")
        try Check.decimal(row.amount, "amount")
      }
    }
    try Check.each("boundaries", boundaries) { (boundary) throws(RecordProblem) in
      try Check.difference(boundary.countDifference, "countDifference")
      try Check.decimal(boundary.quantityDifference, "quantityDifference")
      try Check.decimal(boundary.amountDifference, "amountDifference")
    }
  }
}

extension RunRecord.TrialBalance {
  func check() throws(RecordProblem) {
    try Check.each("accounts", accounts) { (account) throws(RecordProblem) in
      try Check.decimal(account.debit, "debit", mayBeEmpty: true)
      try Check.decimal(account.credit, "credit", mayBeEmpty: true)
    }
    try Check.decimal(debits, "debits")
    try Check.decimal(credits, "credits")
  }
}

extension RunRecord.Close {
  func check() throws(RecordProblem) {
    try Check.count(version, "version")
    for (key, view) in [("operational", operational), ("billing", billing), ("finance", finance)] {
      try Check.within(key) { () throws(RecordProblem) in
        try Check.difference(view.count, "count")
        try Check.decimal(view.amount, "amount")
        try Check.instant(view.asOf, "asOf")
      }
    }
  }
}
