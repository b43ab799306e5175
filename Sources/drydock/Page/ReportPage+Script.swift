// The page's script, put together from its parts.

extension ReportPage {
  /// - Parameter served: whether the page asks for what it shows or holds it.
  static func script(served: Bool) -> String {
    [
      rowsScript, timelineScript, coloursScript, paintingScript, detailsScript, countersScript,
      minimapScript, selectionScript, sumsScript, hoverScript, inputScript, addressScript,
      treeScript, tablesScript, startScript,
      served ? [servedScript, queryScript].joined(separator: "\n\n") : heldScript, "draw();\n",
    ].joined(separator: "\n\n")
  }

  private static let startScript = #"""
    takeData(data);
    [from, to] = whole();
    clampWindow();
    readTheme();
    makeRows();
    fillTree();
    """#
}
