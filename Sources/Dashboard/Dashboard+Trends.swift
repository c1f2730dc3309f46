import Experiments
import HTTPTypes
import Reports
import ResultsDatabase
import RunRecord

extension Dashboard {
  /// The campaigns of which the database has several commits, each by its latest.
  func trends() throws -> [OverviewReport.TrendLine] {
    var lines: [OverviewReport.TrendLine] = []
    for (id, campaign) in try store.campaigns() where campaign.commit != nil {
      let known = lines.firstIndex { $0.scenario == campaign.scenario && $0.options == campaign.options }
      if let known {
        (lines[known].id, lines[known].commits) = (id, lines[known].commits + 1)
      } else {
        lines.append(.init(id: id, scenario: campaign.scenario, options: campaign.options, commits: 1))
      }
    }
    return lines.filter { $0.commits > 1 }
  }

  /// How failing properties and indicators of a scenario have moved over the commits that a database holds.
  ///
  /// - Parameter id: a campaign of any of the commits.
  func trend(of id: Int64) throws -> PageCache.Page {
    let all = try store.campaigns()
    guard let wanted = all.first(where: { $0.id == id })?.campaign else {
      throw Refusal(.notFound, "The database has no such campaign.")
    }
    let own = all.filter {
      $0.campaign.scenario == wanted.scenario && $0.campaign.options == wanted.options
        && $0.campaign.commit != nil
    }
    let points = try own.suffix(Self.shownCommits).map { id, campaign in
      TrendPoint.make(
        commit: campaign.commit ?? "", address: "/campaigns/\(id)", runs: try store.readableRuns(of: id).runs)
    }
    return PageCache.Page(
      try TrendReport(
        scenario: wanted.scenario, options: wanted.options, points: points, earlier: own.count - points.count,
        version: Meterstorm.version, served: .init(path: [Self.start], isLive: true)
      ).html())
  }
}
