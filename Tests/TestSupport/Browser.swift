// A real browser without a window, driven through the pipe of its debugger: pages are opened, keys
// are pressed and scripts are run in them as a person's would be.

import Foundation

/// A headless Chromium.
public final class Browser {
  /// A number as a page shows it, in groups of three digits.
  public static func grouped(_ number: Int64) -> String {
    var text = "\(number)"
    for place in stride(from: text.count - 3, to: 0, by: -3) {
      text.insert("\u{202f}", at: text.index(text.startIndex, offsetBy: place))
    }
    return text
  }

  public static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }
  public static var isInstalled: Bool { path != nil }
  /// What a test says that cannot run without it.
  public static let absence = "chromium is not installed; make page-test installs it"

  private let folder: TemporaryFolder
  private let process = Process()
  private let commands: FileHandle
  private let answers: FileHandle
  private var pending = Data()
  private var count = 0
  private var target = ""
  /// What pages have complained about: errors of scripts, and what the policy has refused.
  public private(set) var complaints: [String] = []

  public init(width: Int = 1400, height: Int = 1500) throws {
    folder = try TemporaryFolder()
    let (input, output) = (folder.file("in"), folder.file("out"))
    // Opened for both, a pipe does not wait for its other end.
    guard mkfifo(input, 0o600) == 0, mkfifo(output, 0o600) == 0,
      let commands = FileHandle(forUpdatingAtPath: input),
      let answers = FileHandle(forUpdatingAtPath: output)
    else { throw BrowserError("no pipes: errno \(errno)") }
    self.commands = commands
    self.answers = answers
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c",
      """
      TMPDIR=\(folder.path) exec \(Browser.path ?? "") --headless --no-sandbox --disable-gpu \
        --hide-scrollbars --user-data-dir=\(folder.file("profile")) \
        --window-size=\(width),\(height) --remote-debugging-pipe about:blank \
        3<\(input) 4>\(output) >/dev/null 2>&1
      """,
    ]
    try process.run()
    let page = try send("Target.createTarget", ["url": "about:blank"])
    let attached = try send(
      "Target.attachToTarget", ["targetId": page["targetId"] ?? "", "flatten": true])
    target = attached["sessionId"] as? String ?? ""
    for domain in ["Page", "Runtime", "Log"] { _ = try send("\(domain).enable") }
  }

  deinit {
    // It does not end for less while a debugger is attached; those that it has begun are of its
    // group, and write to its folder to their end.
    kill(-process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? waitFor { folder.remove() }
  }

  /// Opens a page and waits until a condition, in its own script, holds.
  public func open(_ address: String, until condition: String = "true") throws {
    _ = try send("Page.navigate", ["url": address])
    try wait(until: "document.readyState === 'complete' && (\(condition))")
  }

  /// Runs a script in the page; a promise is waited for.
  @discardableResult
  public func run(_ script: String) throws -> String {
    let answer = try send(
      "Runtime.evaluate",
      ["expression": script, "awaitPromise": true, "returnByValue": true])
    if let problem = answer["exceptionDetails"] as? [String: Any] {
      throw BrowserError("\(script): \(problem)")
    }
    let value = (answer["result"] as? [String: Any])?["value"]
    return value.map { "\($0)" } ?? ""
  }

  /// Whether something holds in the page.
  public func finds(_ condition: String) throws -> Bool {
    try run("String(!!(\(condition)))") == "true"
  }

  /// What an element shows.
  public func text(_ id: String) throws -> String {
    try run("document.getElementById('\(id)').textContent")
  }

  /// Waits until an element shows a text, or begins with it.
  public func wait(for id: String, toShow text: String, first isFirst: Bool = false) throws {
    let method = isFirst ? "startsWith" : "includes"
    try wait(
      until: "document.getElementById('\(id)')?.textContent.\(method)(\(Browser.quoted(text)))")
  }

  /// A text as a script has it.
  public static func quoted(_ text: String) -> String {
    let data = try? JSONEncoder().encode(text)
    return String(decoding: data ?? Data(), as: UTF8.self)
  }

  public func wait(until condition: String) throws {
    do {
      try waitFor(every: 0.02) { try finds(condition) }
    } catch is WaitedInVain {
      throw BrowserError("it never came to be that \(condition)")
    }
  }

  /// Presses a key on whatever has the focus.
  public func press(_ key: String) throws {
    let isCharacter = key.count == 1
    let text = isCharacter ? key : key == "Enter" ? "\r" : ""
    var event: [String: Any] = ["type": "keyDown", "key": key]
    if !text.isEmpty { event["text"] = text }
    let codes = [
      "Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38,
      "ArrowRight": 39, "ArrowDown": 40,
    ]
    if let code = codes[key] { event["windowsVirtualKeyCode"] = code }
    _ = try send("Input.dispatchKeyEvent", event)
    event["type"] = "keyUp"
    event["text"] = nil
    _ = try send("Input.dispatchKeyEvent", event)
  }

  /// Types into whatever has the focus.
  public func type(_ text: String) throws {
    _ = try send("Input.insertText", ["text": text])
  }

  public func click(x: Int, y: Int) throws {
    for type in ["mousePressed", "mouseReleased"] {
      _ = try send(
        "Input.dispatchMouseEvent",
        ["type": type, "x": x, "y": y, "button": "left", "clickCount": 1])
    }
  }

  /// Puts fingers on a touch screen, moves them in steps, and lifts them.
  public func touch(_ places: [[(x: Int, y: Int)]]) throws {
    _ = try send("Emulation.setTouchEmulationEnabled", ["enabled": true, "maxTouchPoints": 2])
    for (step, fingers) in places.enumerated() {
      let points = fingers.enumerated().map { ["x": $1.x, "y": $1.y, "id": $0] }
      _ = try send(
        "Input.dispatchTouchEvent",
        ["type": step == 0 ? "touchStart" : "touchMove", "touchPoints": points])
    }
    _ = try send("Input.dispatchTouchEvent", ["type": "touchEnd", "touchPoints": [Any]()])
  }

  /// Shows pages in a window of another size, or on a small screen.
  public func resize(width: Int, height: Int) throws {
    _ = try send(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600])
  }

  /// Shows pages as on paper, or on a screen.
  public func prefer(paper: Bool) throws {
    _ = try send("Emulation.setEmulatedMedia", ["media": paper ? "print" : "screen"])
  }

  /// Shows pages as to somebody who wants them dark, or light.
  public func prefer(dark: Bool) throws {
    let feature = ["name": "prefers-color-scheme", "value": dark ? "dark" : "light"]
    _ = try send("Emulation.setEmulatedMedia", ["features": [feature]])
  }

  /// A picture of the page, as PNG.
  public func picture() throws -> Data {
    let answer = try send("Page.captureScreenshot", ["format": "png"])
    return Data(base64Encoded: answer["data"] as? String ?? "") ?? Data()
  }

  private func send(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    count += 1
    var message: [String: Any] = ["id": count, "method": method, "params": parameters]
    if !target.isEmpty { message["sessionId"] = target }
    try commands.write(contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
    while true {
      let answer = try next()
      note(answer)
      guard answer["id"] as? Int == count else { continue }
      if let error = answer["error"] { throw BrowserError("\(method): \(error)") }
      return answer["result"] as? [String: Any] ?? [:]
    }
  }

  private func note(_ message: [String: Any]) {
    let parameters = message["params"] as? [String: Any] ?? [:]
    switch message["method"] as? String {
    case "Runtime.exceptionThrown":
      complaints.append("\(parameters["exceptionDetails"] ?? "")")
    case "Log.entryAdded":
      let entry = parameters["entry"] as? [String: Any] ?? [:]
      let text = entry["text"] as? String ?? ""
      // Browsers ask for an icon by themselves.
      let address = entry["url"] as? String ?? ""
      if entry["level"] as? String == "error", !address.hasSuffix("favicon.ico") {
        complaints.append(text)
      }
    default: break
    }
  }

  /// The next message; they end with a NUL.
  private func next() throws -> [String: Any] {
    while true {
      if let end = pending.firstIndex(of: 0) {
        let message = pending[..<end]
        pending = Data(pending[(end + 1)...])
        return try JSONSerialization.jsonObject(with: message) as? [String: Any] ?? [:]
      }
      var ready = pollfd(fd: answers.fileDescriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&ready, 1, 120_000) > 0 else { throw BrowserError("the browser is silent") }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(answers.fileDescriptor, &buffer, buffer.count)
      guard count > 0 else { throw BrowserError("the browser is gone: errno \(errno)") }
      pending += buffer[..<count]
    }
  }
}

struct BrowserError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
