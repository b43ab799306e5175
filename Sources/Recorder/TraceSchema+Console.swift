// What guests print and what is typed, as bytes and as text. Events hold up to 32 or 40 bytes each, and a
// program may well print one byte at a time, so that a character's bytes can lie in several events: the
// view `console` shows each character whole, with the event in which it begins. What is no UTF-8, or
// would steer a terminal, is an escape there, as `printable` makes them; the bytes are beside it.

import Sim

extension TraceSchema {
  /// The bytes of an event of this kind, as a BLOB: each is cut out of a table of all bytes, for
  /// SQLite has no function from a number to a byte. Most events of programs that print byte by byte
  /// are short.
  static func packedBytes(_ kind: Event.Kind) -> String {
    guard let count = kind.columns.first, let first = kind.columns.last else { return "NULL" }
    let most = 8 * (kindColumns.count - first.position)
    func bytes(_ count: Int) -> String {
      (0..<count).map { index in
        let word = kindColumns[first.position + index / 8]
        return "substr(byte, (\(word) >> \(index % 8 * 8) & 255) + 1, 1)"
      }.joined(separator: " || ")
    }
    let all = (0...255).map { value in
      let digits = String(value, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }
    return """
      (SELECT substr(CAST(CASE WHEN \(count) <= 8 THEN \(bytes(8)) ELSE \(bytes(most)) END \
      AS BLOB), 1, \(count)) FROM (SELECT x'\(all.joined())' AS byte))
      """
  }

  /// How many bytes the character takes whose bytes begin the hexadecimal digits `h` (the Unicode
  /// standard, table 3-7); 1 where they begin none.
  private static let characterSize = """
    CASE WHEN h < '80' THEN 1
          WHEN h GLOB 'C[2-9A-F][89AB]*' OR h GLOB 'D?[89AB]*' THEN 2
          WHEN h GLOB 'E0[AB]?[89AB]*' OR h GLOB 'E[1-9ABCEF][89AB]?[89AB]*'
            OR h GLOB 'ED[89]?[89AB]*' THEN 3
          WHEN h GLOB 'F0[9AB]?[89AB]?[89AB]*' OR h GLOB 'F[1-3][89AB]?[89AB]?[89AB]*'
            OR h GLOB 'F48?[89AB]?[89AB]*' THEN 4
          ELSE 1 END
    """

  /// The character as it is shown. Escapes are those of `printable`.
  private static let shownCharacter = #"""
    CASE WHEN place < first THEN ''
          WHEN size > 1 AND (SELECT \#(HiddenCharacters.contain("c"))
              FROM (SELECT unicode(CAST(substr(around, place, size) AS TEXT)) AS c))
            THEN '\u{' || printf('%x', unicode(CAST(substr(around, place, size) AS TEXT))) || '}'
          WHEN h GLOB '5C*' THEN '\\'
          WHEN h GLOB '0D*' THEN '\r'
          WHEN size > 1 OR h GLOB '0[9A]*' OR h >= '20' AND h < '7F'
            THEN CAST(substr(around, place, size) AS TEXT)
          ELSE '\x' || lower(substr(h, 1, 2)) END
    """#

  /// A row that is not plain ASCII is gone through byte by byte, with up to three bytes around it where
  /// a character may be cut: whoever has none of these rows never looks beyond its own.
  static var consoleView: String {
    """
    CREATE VIEW console AS
    WITH piece(seq, time, pid, cid, kind, size, bytes) AS NOT MATERIALIZED (
      SELECT seq, time, pid, cid, kind, CASE kind WHEN \(Event.Kind.input.rawValue)
        THEN \(InputEvent.count) ELSE \(OutputEvent.count) END, CASE kind WHEN \(Event.Kind.input.rawValue)
        THEN \(packedBytes(.input)) ELSE \(packedBytes(.output)) END
      FROM event WHERE kind IN (\(list([.input, .output])))
    )
    SELECT seq, time, pid, cid,
      CASE kind WHEN \(Event.Kind.input.rawValue) THEN 'in' ELSE 'out' END AS direction,
      (SELECT CASE WHEN instr(own, x'00') = 0
          AND CAST(own AS TEXT) NOT GLOB '*[^]' || char(9, 10) || ' -[^-~]*'
        THEN CAST(own AS TEXT)
        ELSE (
          WITH RECURSIVE step(around, first, last, place, h, size, shown) AS (
            SELECT CAST(before || own || after AS BLOB), length(before) + 1,
              length(before) + length(own), 1,
              hex(substr(CAST(before || own || after AS BLOB), 1, 4)), NULL, ''
            FROM (
              SELECT coalesce(substr(CASE WHEN is_cut THEN (
                  SELECT CAST(group_concat(bytes, '') AS BLOB) FROM (
                    SELECT * FROM (
                      SELECT seq, bytes FROM piece AS p
                      WHERE p.seq < e.seq AND p.kind = e.kind AND p.size > 0
                      ORDER BY p.seq DESC LIMIT 3
                    ) ORDER BY seq)) END, -3), x'') AS before,
                coalesce(substr(CASE WHEN is_cut THEN (
                  SELECT CAST(group_concat(bytes, '') AS BLOB) FROM (
                    SELECT bytes FROM piece AS n
                    WHERE n.seq > e.seq AND n.kind = e.kind AND n.size > 0 ORDER BY n.seq LIMIT 3)
                  ) END, 1, 3), x'') AS after
              FROM (
                SELECT hex(own) GLOB '[89AB]*' OR hex(substr(own, -3)) GLOB '*[C-F]?'
                  OR hex(substr(own, -3)) GLOB '*[EF]???' OR hex(substr(own, -3)) GLOB 'F*'
                  AS is_cut)
            )
            UNION ALL
            SELECT around, first, last, place + coalesce(size, 0),
              CASE WHEN size IS NULL THEN h ELSE hex(substr(around, place + size, 4)) END,
              CASE WHEN size IS NULL THEN \(characterSize) END,
              CASE WHEN size IS NULL THEN shown ELSE shown || \(shownCharacter) END
            FROM step WHERE place <= last
          ) SELECT shown FROM step WHERE place > last)
        END
        FROM (SELECT bytes AS own LIMIT 1) LIMIT 1) AS text,
      bytes
    FROM piece AS e
    """
  }
}
