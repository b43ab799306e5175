// attack_mounts: tries to get out by what is mounted. It begins outside, mounts directories, files and
// unions into the root of a container, enters it, and looks for a way to what lies beside them.

func run(_ arguments: Arguments) -> ExitStatus {
  attack_begin(("attack_mounts" as StaticString).path)
  attack_from_outside()
  prepare()
  family("the tops of mounts") { climb() }
  family("mounting within") { mountWithin() }
  family("taking mounts away") { takeAway() }
  family("what is read-only") { changeReadOnly() }
  family("layers") { reachLayers() }
  family("links across") { linkAcross() }
  family("mounts of others") { lookForMounts() }
  cleanUp()
  return attack_verdict()
}

func prepare() {
  for path in [
    "/outside", "/outside/box", "/outside/box/in", "/den", "/den/at", "/den/at2", "/den/union",
    "/den/proc", "/den/own", "/low", "/low/in", "/up", "/den/cover", "/den/cover/deep",
  ] as [StaticString] {
    _ = mkdir(path.path)
  }
  for path in [
    "/outside/secret", "/outside/box/file", "/low/file", "/low/in/file", "/low/gone",
    "/den/cover/secret", "/den/file",
  ] as [StaticString] {
    _ = close(open(path.path, O_CREATE))
  }
  _ = link(("/low/file" as StaticString).path, ("/low/other" as StaticString).path)
}

func cleanUp() {
  for path in [
    "/outside/secret", "/outside/box/file", "/outside/box/in", "/outside/box", "/outside",
    "/den/cover/secret", "/den/cover/deep", "/den/cover", "/den/file", "/den/at", "/den/at2",
    "/den/union", "/den/proc", "/den/own", "/den", "/low/in/file", "/low/in", "/low/file",
    "/low/gone", "/low/other", "/low", "/up/other", "/up/in/file", "/up/in/new", "/up/in",
    "/up/file", "/up/new", "/up/gone",
    "/up/again", "/up",
  ] as [StaticString] {
    _ = unlink(path.path)
  }
}

func mounts(
  _ source: StaticString, _ target: StaticString, _ type: StaticString = "bind", _ flags: CInt = 0,
  _ options: StaticString = ""
) -> Bool {
  mount(source.path, target.path, type.path, flags, options.path) == 0
}

/// Enters a container of its own and mounts what a manager would; its root is the den then.
func enter() {
  _ = cm_create_and_enter()
  _ = mounts("/outside/box", "/den/at")
  _ = mounts("/outside/box", "/den/at2", "bind", MS_RDONLY)
  _ = mounts("/low", "/den/union", "overlay", 0, "lowerdir=/low,upperdir=/up")
  _ = mounts("proc", "/den/proc", "proc")
  _ = mounts("/outside/box", "/den/cover")
  _ = cm_setroot(("/den" as StaticString).path, 4)
}

// MARK: - Ways up

let tops: [StaticString] = ["/at", "/at2", "/union", "/proc", "/cover"]

func climb() {
  inChild {
    enter()
    let root = inode("/")
    for top in tops {
      for way in [
        "/..", "/../..", "/../../..", "/./..", "//..", "/../at/..", "/../union/../..", "/in/../..",
        "/in/../../..",
      ] as [StaticString] {
        let path = joined(top, way)
        let found = inode(path)
        attempt("up by ", path, found != 0 && found != root)
      }
      for way in ["/../secret", "/../../secret", "/../../outside", "/in/../../secret"]
        as [StaticString]
      {
        let path = joined(top, way)
        attempt("to ", path, opens(path))
      }
    }
    for top in tops {
      _ = chdir(top.path)
      attempt("from within, ", top.path, inode("..") != root || opens("../secret"))
      attempt("further, ", top.path, inode("../..") != root || opens("../../outside"))
      _ = chdir(("/" as StaticString).path)
      inChild {
        _ = setroot(top.path)
        attempt("a root there, ", top.path, opens("../secret") || opens("/../secret"))
        attempt("and up, ", top.path, inode("..") != inode("/") || opens("/../file2"))
      }
    }
  }
}

func joined(_ first: StaticString, _ second: StaticString) -> CString { Name(first, second).path }

// MARK: - mount and umount

func mountWithin() {
  inChild {
    enter()
    let none: StaticString = ""
    for type in ["bind", "overlay", "proc", "cgroup2", "disk", "none", ""] as [StaticString] {
      for source in ["/", "/..", "/at", "/at/..", "../../outside", "/proc"] as [StaticString] {
        for target in ["/own", "/", "/at", "/.."] as [StaticString] {
          attempt(
            "mount of ", source.path,
            mount(source.path, target.path, type.path, 0, none.path) == 0)
        }
      }
    }
    for options in [
      "lowerdir=/", "lowerdir=/..", "lowerdir=/at:/union", "lowerdir=/at,upperdir=/own",
    ] as [StaticString] {
      attempt("a union of ", options.path, mounts("x", "/own", "overlay", 0, options))
    }
    inChild {
      _ = setroot(("/at" as StaticString).path)
      attempt("from a smaller root", mounts("/", "/in"))
    }
  }
  inChild {
    // Outside any container, with a root of its own.
    _ = setroot(("/den" as StaticString).path)
    attempt("with a root of its own", mounts("/", "/own") || mounts("/at", "/at"))
    attempt("and a container", cm_create_and_enter() == 0 && mounts("/", "/own"))
    attempt("taken away there", umount(("/proc" as StaticString).path) == 0)
  }
}

func takeAway() {
  inChild {
    enter()
    for top in tops + ["/", "/..", "/at/..", "/own", "."] {
      attempt("umount of ", top.path, umount(top.path) == 0)
    }
    attempt("what was hidden", opens("/cover/secret") || opens("/cover/deep"))
    inChild {
      _ = setroot(("/cover" as StaticString).path)
      attempt("umount of a root", umount(("/" as StaticString).path) == 0)
    }
    for top in tops {
      attempt("removing ", top.path, unlink(top.path) == 0)
    }
  }
}

func changeReadOnly() {
  inChild {
    enter()
    for flags in [CInt(0), MS_RDONLY, MS_REMOUNT, MS_REMOUNT | MS_RDONLY, -1] {
      let none: StaticString = ""
      attempt(
        "remount with flags", flags,
        mount(none.path, ("/at2" as StaticString).path, none.path, flags, none.path) == 0)
    }
    for flags in [O_WRONLY, O_RDWR, O_TRUNC, O_CREATE | O_RDWR, O_CREATE | O_TRUNC] {
      attempt("open with flags", flags, opens("/at2/file", flags))
      attempt("by the union, with flags", flags, opens("/at2/in/../file", flags))
    }
    for path in ["/at2/new", "/at2/in/new", "/at2/in/../new"] as [StaticString] {
      attempt("making ", path.path, opens(path, O_CREATE))
      attempt("a directory ", path.path, mkdir(path.path) == 0)
      attempt("a name ", path.path, link(("/file" as StaticString).path, path.path) == 0)
    }
    attempt("removing", unlink(("/at2/file" as StaticString).path) == 0)
    attempt("in /proc", opens("/proc/new", O_CREATE))
  }
}

// MARK: - Unions

func reachLayers() {
  inChild {
    enter()
    let letter: StaticString = "!"
    let file = open(("/union/file" as StaticString).path, O_RDWR)
    _ = write(file, letter.path, 1)
    _ = close(file)
    var byte: CChar = 0
    let other = open(("/union/other" as StaticString).path, O_RDONLY)
    attempt("one of two names", read(other, &byte, 1) != 1 || byte != letter.path[0])
    _ = close(other)
    _ = unlink(("/union/gone" as StaticString).path)
    attempt("what was removed", opens("/union/gone"))
    _ = close(open(("/union/in/new" as StaticString).path, O_CREATE))
    for path in [
      "/union/../up/file", "/union/../low/file", "/union/in/../../up", "/union/in/../../low",
      "/low", "/up",
    ] as [StaticString] {
      attempt("a layer at ", path.path, opens(path))
    }
    for number in CShort(-1)...2 {
      attempt(
        "a whiteout", CInt(number),
        mknod(("/union/w" as StaticString).path, number, 0) == 0)
    }
    attempt("as a directory", opens("/union/gone/..") || opens("/union/gone/../.."))
    for path in ["/union/in/file", "/union/in/new", "/union/in"] as [StaticString] {
      _ = unlink(path.path)
    }
    _ = mkdir(("/union/in" as StaticString).path)
    attempt("what a directory had", opens("/union/in/file"))
    // A directory of the union that was removed while somebody stands in it.
    _ = mkdir(("/union/again" as StaticString).path)
    _ = chdir(("/union/again" as StaticString).path)
    _ = unlink(("/union/again" as StaticString).path)
    for path in ["..", "../..", "../../secret", "new"] as [StaticString] {
      attempt("from what was removed, ", path.path, opens(path, path == "new" ? O_CREATE : 0))
    }
  }
  // Of the lower layer nothing has changed.
  var status = stat()
  attempt(
    "a lower layer",
    stat(("/low/file" as StaticString).path, &status) != 0 || status.size != 0)
  attempt("a lower name", !opens("/low/gone"))
  attempt("a new name below", opens("/low/in/new"))
}

func == (left: StaticString, right: StaticString) -> Bool { left.path == right }

func linkAcross() {
  inChild {
    enter()
    for old in ["/at/file", "/at2/file", "/union/file", "/file", "/cover/file"] as [StaticString] {
      for new in ["/own/x", "/at/x", "/at2/x", "/union/x", "/x", "/proc/x"] as [StaticString] {
        let worked = link(old.path, new.path) == 0
        // Within one mount a link is right.
        let isOne =
          (old == "/at/file" && new == "/at/x") || (old == "/union/file" && new == "/union/x")
          || (old == "/file" && (new == "/own/x" || new == "/x"))
        attempt("a link to ", old.path, worked && !isOne)
        _ = unlink(new.path)
      }
    }
  }
}

// MARK: - Tables

func lookForMounts() {
  guard let ready = PipeEnds(), let gate = PipeEnds() else { exit(2) }
  let holder = fork()
  if holder == 0 {
    _ = close(gate.output)
    _ = cm_create_and_enter()
    _ = mounts("/outside/box", "/den/own")
    _ = mounts("x", "/den/union", "overlay", 0, "lowerdir=/low")
    var byte: CChar = 0
    _ = write(ready.output, &byte, 1)
    _ = read(gate.input, &byte, 1)
    exit(0)
  }
  var byte: CChar = 0
  _ = read(ready.input, &byte, 1)
  attempt("another's bind", opens("/den/own/file"))
  attempt("another's union", opens("/den/union/file"))
  for path in ["/den/own", "/den/union"] as [StaticString] {
    attempt("umount of another's ", path.path, umount(path.path) == 0)
  }
  inChild {
    enter()
    attempt("another container's bind", opens("/own/file"))
  }
  for end in [gate.input, gate.output, ready.input, ready.output] { _ = close(end) }
  _ = wait(nil)
  attempt("what is left of it", opens("/den/own/file") || opens("/den/union/file"))
}
