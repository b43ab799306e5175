// The page's script and style, put together from their files in Script/ and Style/, which the build makes
// constants of (Plugins/EmbedText). The parts of the script share their names, as one.

extension ReportPage {
  /// What a page shows, and where it has that from.
  enum Kind {
    /// A session that it holds.
    case held
    /// A session that it asks for.
    case served
    /// Several machines' timelines, which it holds.
    case compared
  }

  static func script(_ kind: Kind) -> String {
    let common = [
      PageScript.data, PageScript.rows, PageScript.timeline, PageScript.colours,
      PageScript.painting, PageScript.details, PageScript.counters, PageScript.minimap,
      PageScript.uses, PageScript.hops, PageScript.selection, PageScript.sums, PageScript.hover,
      PageScript.input,
      PageScript.address, PageScript.tree, PageScript.tables, PageScript.start,
    ]
    let own =
      switch kind {
      case .held: [PageScript.held]
      case .served: [PageScript.served, PageScript.query]
      case .compared: [PageScript.compared]
      }
    return (common + own + ["draw();\n"]).joined(separator: "\n\n")
  }

  /// What is narrow or printed changes what is said before.
  static let style = [
    PageStyle.base, PageStyle.controls, PageStyle.timeline, PageStyle.tables, PageStyle.tree,
    PageStyle.overview, PageStyle.query, PageStyle.narrow, PageStyle.print,
  ].joined(separator: "\n")
}
