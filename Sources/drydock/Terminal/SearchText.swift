// What came of a search, for people and as JSON.

import Foundation
import Recorder
import Search

enum SearchText {
  /// The lines at a search's end.
  static func summary(_ campaign: Campaign, rate: Double, in folder: String) -> [String] {
    let progress = campaign.progress
    let runs = progress.runs
    var lines = [
      "\(runs) run\(runs == 1 ? "" : "s"), \(Int(rate)) a second; "
        + "\(campaign.profile.length) visible operations by \(campaign.profile.processes.count) "
        + "processes in a run"
    ]
    if campaign.plan.strategy == .dpor {
      lines.append("\(progress.novelty.distinct) behaviours")
    } else if let chance = progress.novelty.chance, campaign.hasChoices {
      lines.append(
        "\(progress.novelty.distinct) behaviours; the next run shows a new one with a chance of about "
          + "\(String(format: "%.1f", chance * 100)) % (Good-Turing)")
    }
    if campaign.hasChoices {
      lines.append(campaign.plan.strategy.guarantee(campaign.profile, depth: campaign.plan.depth))
    }
    if let coverage = campaign.coverage { lines += words(coverage, campaign.plan) }
    if progress.failures.isEmpty {
      lines.append("nothing failed")
    } else {
      for (place, failure) in progress.failures.enumerated() {
        lines.append(
          "failed in \(failure.count) of \(runs) runs, first in run \(failure.run): "
            + terminalText(failure.outcome) + "; \(folder)/failure-\(place + 1).db")
      }
      if progress.failures.reduce(0, { $0 + $1.count }) == runs, runs > 1 {
        lines.append("every run failed")
      }
    }
    return lines
  }

  /// How much an exploration has covered, and what is assumed.
  private static func words(_ coverage: Coverage, _ plan: SearchPlan) -> [String] {
    let runs = coverage.runs
    let vain = "; \(coverage.redundant) more were given up as seen before"
    let bound = plan.preemptions.map { "with at most \($0) preemption\($0 == 1 ? "" : "s")" }
    if !coverage.isComplete {
      return ["not all: \(runs) run\(runs == 1 ? "" : "s") so far\(vain)"]
    }
    var lines = [
      "\(runs) \(runs == 1 ? "run covers" : "runs cover") all interleavings \(bound.map { "\($0) " } ?? "")on one "
        + "hart, up to the order of operations that do not depend on each other\(vain)",
      "assumed: what others can see are calls and accesses to shared memory; two of these depend on each other "
        + "if both are about one object and one changes it",
    ]
    if coverage.dependsOnTime {
      lines.append(
        "but it waits for a time or asks for it: with other times it may come to more than this")
    }
    return lines
  }

  static func json(_ campaign: Campaign, _ found: [FoundFailure], rate: Double) -> String {
    let progress = campaign.progress
    let failures = progress.failures.enumerated().map { place, failure in
      let shrunk = found.first { $0.number == place + 1 }
      var fields = [
        "\"outcome\": \(JSONText.quoted(failure.outcome))", "\"run\": \(failure.run)",
        "\"runs\": \(failure.count)", "\"file\": \"failure-\(place + 1).db\"",
      ]
      if let shrunk {
        fields += [
          "\"preemptions\": \(shrunk.preemptions)", "\"switches\": \(shrunk.switches)",
          "\"account\": [\(shrunk.account.map { JSONText.quoted($0) }.joined(separator: ", "))]",
        ]
      }
      return "{\(fields.joined(separator: ", "))}"
    }
    let chance = progress.novelty.chance.map { String(format: "%.6f", $0) } ?? "null"
    let coverage =
      campaign.coverage.map { found in
        [
          "\"complete\": \(found.isComplete)", "\"covering_runs\": \(found.runs)",
          "\"redundant_runs\": \(found.redundant)", "\"depends_on_time\": \(found.dependsOnTime)",
        ]
      } ?? []
    let fields =
      [
        "\"strategy\": \"\(campaign.plan.strategy.rawValue)\"", "\"runs\": \(progress.runs)",
        "\"runs_per_second\": \(Int(rate))", "\"behaviours\": \(progress.novelty.distinct)",
        "\"chance_of_new\": \(chance)", "\"operations\": \(campaign.profile.length)",
        "\"processes\": \(campaign.profile.processes.count)",
      ] + coverage + [
        "\"failures\": [\(failures.joined(separator: ", "))]"
      ]
    return "{" + fields.joined(separator: ", ") + "}"
  }
}
