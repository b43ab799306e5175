import ArgumentParser
import Foundation
import Recorder
import Replay
import Scenarios
import Sim

/// `drydock export`: a session in the formats of other tools.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a session in a format that other tools read.",
    discussion: """
      perfetto  protobuf for ui.perfetto.dev and its trace processor, with scheduling tracks
      chrome    JSON trace events, for chrome://tracing, Perfetto and speedscope
      csv       all events, one a line
      folded    stacks for flame graphs: which process ran, up to which call, for how long
      pcap      what was sent over networks, for Wireshark, tshark and tcpdump
      clients   connections from the host, as a scenario says them

      One instruction counts as a nanosecond. For pcap the session is replayed, since a trace has no bytes of \
      connections; the packets' heads are made as TCP and UDP would have them.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case perfetto, chrome, csv, folded, pcap, clients

    var isBinary: Bool { self == .perfetto || self == .pcap }
  }

  @Argument(help: "The trace.", completion: .file())
  var file: String

  @Option(help: "perfetto, chrome, csv, folded, pcap or clients.")
  var format: Format

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The output file, instead of standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  func run() throws {
    let reader = try openTrace(file, refusingStrangers: format == .pcap)
    let written = try output.map { try OutputFile($0) }
    defer { written?.abandon() }
    if written == nil, format.isBinary, isatty(STDOUT_FILENO) != 0 {
      throw ToolError("\(format.rawValue) is a binary format; say where it goes with -o FILE")
    }
    let buffer = written?.buffer ?? OutputBuffer(STDOUT_FILENO)
    switch format {
    case .perfetto: try export(PerfettoExport(), reader, buffer)
    case .chrome: try export(ChromeExport(), reader, buffer)
    case .folded: try export(FoldedExport(), reader, buffer)
    case .csv: try export(CSVExport(EventText(reader)), reader, buffer)
    case .pcap: try exportPackets(reader, buffer)
    case .clients: try ClientsExport(reader, file).write(buffer)
    }
    if let written { try written.finish() } else { buffer.finish() }
    if !reader.summary.isComplete {
      complain("\(file): \(reader.condition.clause); this is as far as it goes")
    }
    if let altered = reader.alterations.first {
      throw TraceError(.damaged, file, altered.description)
    }
  }

  /// Replays the session for the bytes that it does not have.
  private func exportPackets(_ reader: TraceReader, _ output: OutputBuffer) throws {
    var export = PacketExport(reader.scenario)
    output.write(PacketExport.head)
    var replay = try PayloadReplay(reader)
    var steps = 0
    let progress = Progress(isShown: true)
    defer { progress.hide() }
    while !output.isBroken {
      switch try replay.step({ export.receive($0, $1, output) }) {
      case .matched:
        steps += 1
        guard steps % 1024 == 0 else { continue }
        progress.show(
          replay.now, replay.matched, at: Date.timeIntervalSinceReferenceDate)
        continue
      case .finished:
        export.finish(output)
        return
      case .diverged(let divergence):
        throw ToolError(
          "\(file): the session cannot be replayed for its packets: it diverges at event "
            + "\(divergence.sequence); drydock replay \(shellWord(file)) says how")
      }
    }
  }

  private func export(
    _ export: some SessionExport, _ reader: TraceReader, _ output: OutputBuffer
  ) throws {
    var export = export
    let facts = try SessionFacts(reader, end: reader.summary.instructions)
    export.begin(facts, output)
    let stream = reader.events()
    var last: Int64 = 0
    while let event = stream.peek(), !output.isBroken {
      export.receive(event.pointee, stream.sequence, output)
      last = Int64(bitPattern: event.pointee.time.instructions)
      stream.advance()
    }
    if let failure = stream.failure { throw failure }
    export.finish(at: last, output)
  }
}

/// Something that turns events into another format as they come.
protocol SessionExport {
  mutating func begin(_ facts: SessionFacts, _ output: OutputBuffer)
  mutating func receive(_ event: Event, _ sequence: Int64, _ output: OutputBuffer)
  mutating func finish(at end: Int64, _ output: OutputBuffer)
}

/// Spans in the order in which they end, for those who take them one by one.
struct SpanList: SpanVisitor {
  var spans: [Span] = []
  mutating func visit(_ span: Span) { spans.append(span) }
}

extension Event {
  /// The call's name as the views have it, for `call` and `callReturn`.
  var callName: String {
    TraceSchema.callName(self[CallEvent.number]) ?? "\(self[CallEvent.number])"
  }
}
