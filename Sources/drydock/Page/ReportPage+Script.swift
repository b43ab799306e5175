// The page's script, put together from its parts.

extension ReportPage {
  /// - Parameter served: whether the page asks for what it shows or holds it.
  static func script(served: Bool) -> String {
    [
      rowsScript, timelineScript, coloursScript, paintingScript, selectionScript, inputScript,
      tablesScript, startScript,
      served ? [servedScript, queryScript].joined(separator: "\n\n") : heldScript, "draw();\n",
    ].joined(separator: "\n\n")
  }

  private static let startScript = #"""
    $("summary").textContent = data.summary;
    makeRows();
    readTheme();
    fillLegend();
    fillTree();
    [from, to] = whole();
    clampWindow();
    """#
}
