// Images from the host: archives as `docker save`, `docker export` and `tar` write them, and such as nobody
// should.

import Foundation
import Scenarios
import Sim
import TestSupport
import Testing
import Userland

private let formats = ["v7", "ustar", "pax", "gnu", "oldgnu"]

@Suite struct ImageTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What an archive comes to: a line for each file, in order.
  private func listing(_ archive: TarBytes, blocks: Int = 2000, inodes: Int = 200) throws
    -> [String]
  {
    try listing(archive.finished, blocks: blocks, inodes: inodes)
  }

  private func listing(_ bytes: [UInt8], blocks: Int = 2000, inodes: Int = 200) throws -> [String] {
    var limits = Limits()
    limits.blocks = blocks
    limits.inodes = inodes
    let source = TarSource(name: "web.tar", bytes: bytes)
    return try ImageFiles.files(source, name: "web", limits: limits).map { file in
      let path = file.path.dropFirst("/images/web/".count)
      switch file.content {
      case .file(let bytes): return "\(path) \(String(decoding: bytes.prefix(13), as: UTF8.self))"
      case .directory: return "\(path)/"
      case .device(let major, let minor): return "\(path) \(major),\(minor)"
      }
    }
  }

  private func problem(_ bytes: [UInt8], blocks: Int = 2000, inodes: Int = 200) -> String {
    do {
      return "taken: \(try listing(bytes, blocks: blocks, inodes: inodes))"
    } catch {
      return "\(error)"
    }
  }

  private func problem(blocks: Int = 2000, inodes: Int = 200, _ fill: (inout TarBytes) -> Void)
    -> String
  {
    var archive = TarBytes()
    fill(&archive)
    return problem(archive.finished, blocks: blocks, inodes: inodes)
  }

  private func saved(_ layers: [TarBytes]) -> TarBytes {
    var archive = TarBytes()
    let names = layers.indices.map { "l\($0)/layer.tar" }
    for (name, layer) in zip(names, layers) { archive.add(name, layer.finished) }
    let list = names.map { "\"\($0)\"" }.joined(separator: ",")
    archive.add(
      "manifest.json", Array(#"[{"Config":"c.json","RepoTags":null,"Layers":[\#(list)]}]"#.utf8))
    return archive
  }

  // MARK: What tar programs write

  @Test(
    "A tree that the host's tar has packed is a layer, in each of its formats", arguments: formats)
  func hostsTar(format: String) throws {
    let run = try DrydockTool.shell(
      """
      mkdir -p web/bin web/etc/deep && echo hello >web/etc/motd && echo low >web/etc/deep/low &&
      ln web/etc/motd web/etc/again && ln -s ../etc/deep web/bin/way && ln -s /etc/motd web/bin/abs &&
      tar --format=\(format) -C web -cf web.tar . &&
      $DRYDOCK run --image web.tar -- find /images &&
      $DRYDOCK run --image web.tar:other -- cat /images/other/layers /images/other/0/bin/way/low \
        /images/other/0/bin/abs /images/other/0/etc/again &&
      $DRYDOCK record --image web.tar -o s.db -- cat /images/web/0/etc/motd && rm web.tar &&
      $DRYDOCK replay s.db
      """, in: folder.path)
    #expect(run.status == 0, "\(run)")
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(
      lines.prefix(12).sorted() == [
        "/images", "/images/web", "/images/web/0", "/images/web/0/bin", "/images/web/0/bin/abs",
        "/images/web/0/bin/way", "/images/web/0/bin/way/low", "/images/web/0/etc",
        "/images/web/0/etc/again", "/images/web/0/etc/deep", "/images/web/0/etc/deep/low",
        "/images/web/0/etc/motd",
      ])
    #expect(
      lines.dropFirst(12).prefix(6) == [
        "/images/web/layers", "/images/other/0", "low", "hello", "hello", "hello",
      ])
  }

  @Test("Long paths are read as pax and GNU tar have them, and a prefix as ustar has it")
  func longPaths() throws {
    let run = try DrydockTool.shell(
      """
      d=a/b; for n in 1 2 3 4 5 6; do d=$d/name_of_14_$n; done
      mkdir -p r/$d && echo far >r/$d/file
      for f in ustar pax gnu; do
        tar --format=$f -C r -cf r.tar a || exit 1
        $DRYDOCK run --image r.tar -- find /images/r/0 -name file
      done
      """, in: folder.path)
    let line =
      "/images/r/0/a/b/name_of_14_1/name_of_14_2/name_of_14_3/name_of_14_4/name_of_14_5/name_of_14_6"
    #expect(run.status == 0)
    #expect(run.output == String(repeating: line + "/file\n", count: 3), "\(run)")
  }

  @Test("A scenario's images are found from where it is, and what is recorded needs them no more")
  func scenarioImages() throws {
    var archive = TarBytes()
    archive.add("greeting", Array("hi\n".utf8))
    try FileManager.default.createDirectory(
      atPath: folder.file("in"), withIntermediateDirectories: true)
    _ = try folder.write(archive.finished, to: "in/web.tar")
    _ = try folder.write(
      "program: [cat, /images/site/0/greeting]\nimages: { site: web.tar }\nfiles: {}\n",
      to: "in/s.yaml")
    let run = try DrydockTool.run(["run", "--scenario", "in/s.yaml"], in: folder.path)
    #expect(run.output == "hi\n" && run.status == 0, "\(run)")
    _ = try folder.write("images: { too_long_a_name: web.tar }\n", to: "in/t.yaml")
    let wrong = try DrydockTool.run(["run", "--scenario", "in/t.yaml"], in: folder.path)
    #expect(wrong.status == 2)
    #expect(
      wrong.errors == """
        drydock: in/t.yaml:1:28: images: in/web.tar: found the image's name "too_long_a_name", \
        expected FILE:NAME with a name of 1 to 14 bytes, without / : , and with no . at its beginning\n
        """)
  }

  @Test("A container runs on an image from the host, and what it does to it is told afterwards")
  func containerOnImage() throws {
    var lower = TarBytes()
    for name in ["sh", "cat", "rm", "find"] {
      lower.add("bin/\(name)", Userland.image(name)?.bytes ?? [])
      lower.add(name, type: "1", link: "bin/\(name)")
    }
    lower.add("www/old/page", Array("old".utf8))
    lower.add("www/gone", Array("gone".utf8))
    var upper = TarBytes()
    upper.add("www/.wh.gone")
    upper.add("www/old/.wh..wh..opq")
    upper.add("www/index", Array("welcome\n".utf8))
    _ = try folder.write(saved([lower, upper]).finished, to: "web.tar")
    _ = try folder.write(
      #"{"init": ["/bin/sh", "-c", "cat www/index; find www; rm www/index"], "layers": ["web"], "nproc": 3}"#,
      to: "s.json")
    let run = try DrydockTool.run(
      ["record", "--image", "web.tar", "--spec", "s.json", "--check"], in: folder.path)
    #expect(run.status == 0)
    #expect(
      run.output == """
        cm: ready
        cm: init /bin/sh, root web, at most 3 processes
        welcome
        www
        www/index
        www/old

        """, "\(run)")
    let verified = try DrydockTool.run(["verify", "session.db"], in: folder.path)
    #expect(verified.status == 0, "\(verified)")
  }

  // MARK: Layers

  @Test(
    "What docker save has written is a folder for each layer, with what each hides of those below")
  func layers() throws {
    var lower = TarBytes()
    lower.add("bin/", type: "5")
    lower.add("bin/sh", Array("old".utf8))
    lower.add("bin/ls", Array("ls".utf8))
    lower.add("etc/motd", Array("hello".utf8))
    lower.add("var/log/a", Array("a".utf8))
    lower.add("var/log/b", Array("b".utf8))
    var upper = TarBytes()
    upper.add("bin/sh", Array("new".utf8))
    upper.add("bin/.wh.ls")
    upper.add("bin/.wh.nothing")
    upper.add("var/log/.wh..wh..opq")
    upper.add("var/log/c", Array("c".utf8))
    upper.add(".wh..wh.plnk/1.2", Array("x".utf8))
    #expect(
      try listing(saved([lower, upper])) == [
        "0/", "0/bin/", "0/bin/ls ls", "0/bin/sh old", "0/etc/", "0/etc/motd hello", "0/var/",
        "0/var/log/", "0/var/log/a a", "0/var/log/b b",
        "1/", "1/bin/", "1/bin/ls 0,0", "1/bin/sh new", "1/var/", "1/var/log/", "1/var/log/a 0,0",
        "1/var/log/b 0,0", "1/var/log/c c",
        "layers /images/web/0",
      ])
  }

  @Test("A folder that is hidden and made again hides all that was in the one below, however deep")
  func replacedFolder() throws {
    var lower = TarBytes()
    lower.add("d/e/old", Array("1".utf8))
    lower.add("d/top", Array("1".utf8))
    var upper = TarBytes()
    upper.add(".wh.d")
    upper.add("d/e/new", Array("2".utf8))
    let top = TarBytes()
    #expect(
      try listing(saved([lower, upper, top])).dropFirst(5) == [
        "1/", "1/d/", "1/d/top 0,0", "1/d/e/", "1/d/e/old 0,0", "1/d/e/new 2", "2/",
        "layers /images/web/0",
      ])
  }

  @Test("An OCI layout is read by its index, and a link to a layer that is stored once is followed")
  func otherForms() throws {
    var layer = TarBytes()
    layer.add("a", Array("x".utf8))
    var layout = TarBytes()
    layout.add("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
    layout.add("blobs/sha256/aa", layer.finished)
    layout.add("blobs/sha256/bb", Array(#"{"layers":[{"digest":"sha256:aa"}]}"#.utf8))
    layout.add("index.json", Array(#"{"manifests":[{"digest":"sha256:bb"}]}"#.utf8))
    #expect(try listing(layout) == ["0/", "0/a x", "layers /images/web/0"])

    var linked = TarBytes()
    linked.add("1/layer.tar", layer.finished)
    linked.add("2/layer.tar", type: "2", link: "../1/layer.tar")
    linked.add("manifest.json", Array(#"[{"Layers":["1/layer.tar","2/layer.tar"]}]"#.utf8))
    #expect(try listing(linked).prefix(4) == ["0/", "0/a x", "1/", "1/a x"])
  }

  @Test("A root that has a manifest.json of its own is a root")
  func ownManifest() throws {
    var archive = TarBytes()
    archive.add("manifest.json", Array(#"{"name": "my page"}"#.utf8))
    #expect(try listing(archive).count == 3)
  }

  @Test("A name of an archive that comes twice is what it is the second time")
  func lastOneCounts() throws {
    var archive = TarBytes()
    archive.add("a", Array("1".utf8))
    archive.add("./a", Array("2".utf8))
    #expect(try listing(archive) == ["0/", "0/a 2", "layers /images/web/0"])
  }

  @Test("Names are bytes: é in two ways is two names, and a slash ends a name before any mark")
  func namesAreBytes() throws {
    var archive = TarBytes()
    archive.add("\u{e9}", Array("1".utf8))
    archive.add("e\u{301}", Array("2".utf8))
    archive.add("d/\u{301}", Array("3".utf8))
    archive.add("l", type: "2", link: "d/\u{301}")
    let files = try listing(archive).map { Array($0.utf8) }
    let expected = [
      "0/", "0/d/", "0/d/\u{301} 3", "0/e\u{301} 2", "0/l 3", "0/\u{e9} 1",
      "layers /images/web/0",
    ]
    #expect(files == expected.map { Array($0.utf8) })
    #expect(problem { $0.add("/\u{301}") }.contains("found a path from /"))
    #expect(problem { $0.add("a/../\u{301}b") }.contains("found \"..\" in the path"))
    #expect(problem { $0.add("a/\u{301}/..") }.contains("found \"..\" in the path"))
    #expect(problem { $0.add("l", type: "2", link: "../\u{301}") }.contains("out of the image"))
  }

  // MARK: What is refused

  @Test("An entry that leads out of the image, or is none that a disk has, is named")
  func refusesEntries() {
    #expect(
      problem { $0.add("/etc/passwd") }
        == "web.tar: /etc/passwd: found a path from /, expected one within the image")
    #expect(
      problem { $0.add("a/../../b") }
        == "web.tar: a/../../b: found \"..\" in the path, expected none")
    #expect(
      problem { $0.add("etc/fifteen_letters") }
        == """
        web.tar: etc/fifteen_letters: found the name "fifteen_letters" of 15 bytes, expected 1 to 14 \
        bytes, as the guest's disk has them
        """)
    #expect(
      problem { $0.add("dev/console", type: "3") }
        == "web.tar: dev/console: found a device, expected a file, folder or link")
    #expect(problem { $0.add("p", type: "6") }.contains("p: found a named pipe"))
    #expect(problem { $0.add("s", type: "S") }.contains("s: found a sparse file"))
    #expect(
      problem {
        $0.addRecords([("GNU.sparse.major", "1")])
        $0.add("s")
      }.contains("found a sparse file"))
    #expect(problem { $0.add("x", type: "Q") }.contains("x: found an entry of type \"Q\""))
    #expect(
      problem {
        $0.add("f", [1])
        $0.add("f/inside", [1])
      } == "web.tar: f/inside: found \"f\", which is no folder, on the way, expected one")
    #expect(
      problem {
        $0.add("d/f", [1])
        $0.add("d", [1])
      }.hasPrefix("web.tar: d: found a folder of this name as well"))
    #expect(
      problem { $0.add(String(repeating: "d/", count: 40) + "f") }
        .contains("found more than 32 folders in each other"))
  }

  @Test("A link that leads out of the image, to nothing or back is named")
  func refusesLinks() {
    #expect(
      problem { $0.add("etc/key", type: "2", link: "../../key") }
        == "web.tar: etc/key: found a link to \"../../key\", out of the image, expected one within it"
    )
    #expect(
      problem { $0.add("etc/key", type: "2", link: "/nosuch") }
        == """
        web.tar: etc/key: found a link to "/nosuch", which is not in the image, expected one to what is
        """)
    #expect(
      problem { $0.add("key", type: "1", link: "../key") }.contains("out of the image"))
    #expect(
      problem {
        $0.add("a", type: "2", link: "b")
        $0.add("b", type: "2", link: "a")
      }.contains("found more than 40 links behind each other"))
    #expect(
      problem { $0.add("d/back", type: "2", link: "..") }.contains("found a link back to a folder"))
    #expect(
      problem {
        $0.add("real/f", [1])
        $0.add("lib", type: "2", link: "real")
        $0.add("lib/g", [1])
      }.contains("lib/g: found \"lib\", which is no folder"))
  }

  @Test("A size that lies, an end that is missing and a sum that is wrong are told")
  func refusesDamage() throws {
    #expect(
      problem { $0.add("big", [1], size: Array("00001000000".utf8)) }
        == "web.tar: big: found a size of 262144 bytes, expected at most the 1536 that follow")
    #expect(
      problem { $0.add("b", [1], size: Array("12x".utf8)) }.contains(
        "found a size that is no number"))
    let negative = [UInt8](repeating: 0xff, count: 12)
    #expect(problem { $0.add("b", [1], size: negative) }.contains("found a size that is no number"))
    #expect(
      problem {
        $0.add("b", [1], size: [0x80] + [UInt8](repeating: 0, count: 6) + [1, 0, 0, 0, 0])
      }
      .contains("found a size of 4294967296 bytes"))
    #expect(
      problem {
        $0.addRecords([("size", "99999")])
        $0.add("b", [1])
      }.contains("b: found a size of 99999 bytes"))
    var archive = TarBytes()
    archive.add("a", [1])
    #expect(
      problem(archive.bytes)
        == "web.tar: found 1024 bytes and no end, expected two blocks of zeros there")
    #expect(problem(Array(archive.bytes.dropLast(100))).contains("and no end"))
    #expect(problem(archive.bytes + [UInt8](repeating: 0, count: 512)).contains("and no end"))
    #expect(problem([]) == "web.tar: found 0 bytes and no end, expected two blocks of zeros there")
    var bent = archive.finished
    bent[0] ^= 1
    #expect(problem(bent) == "web.tar: found no tar archive, expected one")
    #expect(problem { $0.addRecords([("path", "a")]) }.contains("found the end behind a long name"))
    #expect(
      problem { $0.add("x", Array("99 path=a\n".utf8), type: "x") }
        .contains("found a pax record that makes no sense"))
  }

  @Test("What is compressed is told by its name, and how to get at it")
  func refusesCompressed() {
    for (magic, name, way) in [
      ([0x1f, 0x8b], "gzip", "gunzip"), ([0x28, 0xb5, 0x2f, 0xfd], "zstd", "unzstd"),
    ] as [([UInt8], String, String)] {
      #expect(
        problem(magic + [UInt8](repeating: 9, count: 2000))
          == "web.tar: found \(name), expected a plain tar archive (first \(way))")
      // A small archive becomes shorter than a header.
      #expect(
        problem(magic + [UInt8](repeating: 9, count: 100))
          == "web.tar: found \(name), expected a plain tar archive (first \(way))")
    }
    #expect(problem(Array("no tar".utf8)) == "web.tar: found no tar archive, expected one")
  }

  @Test("More than the disk holds is refused before it is read, with the entry")
  func refusesTooMuch() {
    #expect(
      problem(blocks: 100) { archive in
        for index in 0..<10 { archive.add("f\(index)", [UInt8](repeating: 1, count: 20_000)) }
      }
        == "web.tar: f5: found more than 102400 bytes up to here, expected as many as the disk holds"
    )
    #expect(
      problem { $0.add("f", [UInt8](repeating: 1, count: 300_000)) }
        == "web.tar: f: found 300000 bytes, expected at most 274432 in a file")
    #expect(
      problem(inodes: 50) { archive in
        for index in 0..<60 { archive.add("f\(index)") }
      }.contains("f50: found more than 50 files and folders"))
    let deep = "twelve_bytes/twelve_bytes/twelve_bytes/twelve_bytes/twelve_bytes/twelve_bytes/"
    #expect(
      problem { $0.add("f", prefix: deep + "twelve_bytes/twelve_bytes/twelve_bytes/twelve") }
        .contains("found the path"))
  }

  @Test("A manifest that is of several images, or names a layer that is not there, is told")
  func refusesManifests() {
    #expect(
      problem { $0.add("manifest.json", Array(#"[{"Layers":["a"]},{"Layers":["b"]}]"#.utf8)) }
        == "web.tar: found 2 images, expected one")
    #expect(
      problem { $0.add("manifest.json", Array(#"[{"Layers":["a/layer.tar"]}]"#.utf8)) }
        == "web.tar: found no \"a/layer.tar\", expected that layer")
    #expect(
      problem { $0.add("manifest.json", Array(#"[{"Layers":[]}]"#.utf8)) }
        == "web.tar: found 0 layers, expected 1 to 127")
    #expect(
      problem {
        $0.add("a", [0x1f, 0x8b] + [UInt8](repeating: 3, count: 600))
        $0.add("manifest.json", Array(#"[{"Layers":["a"]}]"#.utf8))
      } == "web.tar: layer a: found gzip, expected a plain tar archive (first gunzip)")
  }

  @Test("At the command line a bad image is one line and status 2, and two of one name are refused")
  func refusesAtTheCommandLine() throws {
    _ = try folder.write("no tar", to: "bad.tar")
    var archive = TarBytes()
    archive.add("a", [1])
    _ = try folder.write(archive.finished, to: "ok.tar")
    for (options, message) in [
      (["--image", "bad.tar"], "bad.tar: found no tar archive, expected one"),
      (["--image", "none.tar"], "none.tar: No such file or directory"),
      (["--image", "."], ".: found no plain file, expected a tar archive"),
      (
        ["--image", "ok.tar", "--image", "ok.tar"],
        "found two images called ok, expected FILE:NAME with a name for each"
      ),
    ] {
      let run = try DrydockTool.run(["run"] + options + ["--", "true"], in: folder.path)
      #expect(run.status == 2 && run.errors == "drydock: \(message)\n", "\(run)")
    }
  }

  @Test("An image's name is one that a spec can have, and none of the builds' own")
  func refusesNames() throws {
    var archive = TarBytes()
    archive.add("a", [1])
    _ = try folder.write(archive.finished, to: "ok.tar")
    for name in ["a/b", "a,b", ".layers", "..", "", "too_long_a_name"] {
      let run = try DrydockTool.run(
        ["run", "--image", "ok.tar:\(name)", "--", "true"], in: folder.path)
      #expect(run.status == 2)
      #expect(
        run.errors == """
          drydock: ok.tar: found the image's name "\(name)", expected FILE:NAME with a name of 1 to 14 bytes, \
          without / : , and with no . at its beginning\n
          """)
    }
  }
}
