import CanonicalModel
import CoreInterface

/// Makes the taxes of an invoice from the tax engine's quote: one for each jurisdiction, rate and reason, rounded by its policy, and spread over
/// what it is on.
struct InvoiceTaxes {
  let catalog: Catalog
  let planted: PlantedDefects

  /// A tax in the making: the parts of the quote that it is on, with their exact shares of it.
  private struct Sum {
    var levy: TaxQuote.Levy
    var parts: [Int] = []
    var shares: [Money] = []
  }

  /// Puts the taxes of a quote on the lines of a draft.
  func apply(_ quote: TaxQuote, to draft: inout DraftInvoice) -> [TaxLine] {
    var jurisdictions = catalog[draft.account].jurisdictions
    if planted.contains(.furtherTaxesForgotten) { jurisdictions = Array(jurisdictions.prefix(1)) }
    let sums = sums(of: quote, for: jurisdictions)
    let amounts = sums.map { sum in
      let rounding =
        planted.contains(.taxRoundedBeforeSumming)
        ? .perLine : catalog[sum.levy.jurisdiction].rounding ?? catalog.taxRounding
      return Billing.tax(of: sum.shares, rounding, in: draft.currency)
    }
    let spread = zip(sums, amounts).map {
      Allocation(planted).spread($1, over: $0.shares, in: draft.currency)
    }
    let isIncluded = quote.isIncluded && !planted.contains(.includedTaxAdded)
    // What of each part's price is taxes.
    var included = [Money](repeating: .zero, count: quote.parts.count)
    if isIncluded {
      for (sum, own) in zip(sums, spread) {
        for (part, amount) in zip(sum.parts, own) { included[part] += amount }
      }
    }
    let net = zip(quote.parts, included).map { $0.price - $1 }
    let isPlain = sums.count == 1 && sums[0].parts.count == draft.lines.count && !isIncluded
    for (place, sum) in sums.enumerated() {
      for (part, amount) in zip(sum.parts, spread[place]) {
        let line = quote.parts[part].line
        draft.lines[line].tax += amount
        if isIncluded { draft.lines[line].included += amount }
        if !isPlain {
          draft.lines[line].taxes.append(
            TaxPart(tax: place, supply: quote.parts[part].supply, taxable: net[part], amount: amount))
        }
      }
    }
    precondition(
      amounts.allSatisfy { $0.isWhole(in: draft.currency) },
      "a tax is not whole in the currency of its invoice")
    return zip(sums, amounts).map { sum, amount in
      TaxLine(
        jurisdiction: sum.levy.jurisdiction, rate: sum.levy.rate,
        taxable: sum.parts.reduce(.zero) { $0 + net[$1] }, amount: amount,
        reason: planted.contains(.taxReasonLost) ? nil : sum.levy.reason)
    }
  }

  /// The taxes in the order of the customer's jurisdictions, and in each of the parts that bear them first.
  private func sums(of quote: TaxQuote, for jurisdictions: [JurisdictionID]) -> [Sum] {
    var all: [Sum] = []
    for jurisdiction in jurisdictions {
      let start = all.count
      for (part, own) in quote.parts.enumerated() {
        for levy in own.levies where levy.jurisdiction == jurisdiction {
          let known = all[start...].firstIndex { $0.levy.rate == levy.rate && $0.levy.reason == levy.reason }
          if known == nil { all.append(Sum(levy: levy)) }
          let place = known ?? all.count - 1
          all[place].parts.append(part)
          all[place].shares.append(levy.amount)
        }
      }
    }
    return all
  }
}
