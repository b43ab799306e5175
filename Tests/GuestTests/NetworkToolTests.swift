// The programs of the network at the shell: what they print, and what they say where something is wrong. What httpd answers
// is checked in the machine, by `net_httpd`; what names mean, by `net_resolve`.

import Sim
import TestSupport
import Testing

/// What is printed whatever the number of harts.
private let cases = [
  // ping
  ShellCase(
    "ping -c 1 -W 3 10.0.0.9", prints: "ping: 10.0.0.9 is unreachable\n", status: 2),
  ShellCase(
    "nc -lu 7 > out & sleep 1; ping -c 2 -W 3 127.0.0.1",
    prints: "PING 127.0.0.1 (127.0.0.1): 56 bytes\n2 sent, 0 received, 100% lost\n", status: 1),
  ShellCase("ping", prints: pingUsage, status: 2),
  ShellCase("ping -c 0 localhost", prints: pingUsage, status: 2),
  ShellCase("ping -x localhost", prints: pingUsage, status: 2),
  ShellCase(
    "ping -c 1 nosuch", prints: "ping: no name service says who nosuch is\n", status: 2),
  // resolve
  ShellCase(
    "mkdir etc; echo 10.0.0.7 web db > etc/hosts; resolve DB 1.2.3.4 localhost",
    prints: "10.0.0.7 DB\n1.2.3.4 1.2.3.4\n127.0.0.1 localhost\n"),
  ShellCase(
    "resolve nosuch", prints: "resolve: no name service says who nosuch is\n", status: 1),
  ShellCase("resolve a..b", prints: "resolve: nobody is called a..b\n", status: 1),
  ShellCase("resolve", prints: "usage: resolve name ...\n", status: 2),
  // nc
  ShellCase(
    "nc -l 81 > out & sleep 1; echo hello | nc localhost 81; cat out", prints: "hello\n"),
  ShellCase(
    "echo back | nc -l 81 > a & sleep 1; echo there | nc 10.0.0.1 81 > b; sleep 1; cat a b",
    prints: "there\nback\n"),
  ShellCase(
    "nc -lu 9 > out & sleep 1; echo one two | nc -u 127.0.0.1 9; sleep 20; cat out",
    prints: "one two\n"),
  // Much each way at once, more than both windows have room for.
  ShellCase(
    "cat init | nc -l 81 > in & sleep 1; nc localhost 81 < init > out; sleep 2; "
      + "wc < in > a; wc < out > b; wc < init > c; sort -u a b c | wc | head -c 1", prints: "1"),
  ShellCase("nc localhost 81", prints: "nc: nobody answers at localhost, port 81\n", status: 1),
  ShellCase("nc -u 10.0.0.9 81", prints: "nc: 10.0.0.9 is unreachable\n", status: 1),
  ShellCase(
    "nc -l 81 > out & sleep 1; nc -l 81", prints: "nc: port 81 is in use\n", status: 1),
  ShellCase("nc localhost", prints: ncUsage, status: 2),
  ShellCase("nc -l 70000", prints: ncUsage, status: 2),
  ShellCase("nc -w 0 localhost 81", prints: ncUsage, status: 2),
  // httpd and get
  ShellCase(
    "\(site); get localhost/a; get http://127.0.0.1:80/d; get -o out 10.0.0.1/a; cat out",
    prints: "httpd: w on port 80\nfirst\nin d\nfirst\n"),
  ShellCase(
    "\(site); get -i localhost/a",
    prints: "httpd: w on port 80\nHTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
      + "Connection: close\r\nAccept-Ranges: bytes\r\nContent-Length: 6\r\n\r\nfirst\n"),
  ShellCase(
    "\(site); get localhost/nosuch", prints: "httpd: w on port 80\nget: 404 Not Found\n", status: 1),
  ShellCase(
    "\(site); get 'localhost/cgi/echo?a+b'; get localhost/cgi/cat?../README",
    prints: "httpd: w on port 80\na b\nA machine for tests.\n"),
  ShellCase(
    "\(site); get -o no/such localhost/a",
    prints: "httpd: w on port 80\nget: cannot make no/such\n", status: 1),
  ShellCase(
    "\(site); httpd w", prints: "httpd: w on port 80\nhttpd: port 80 is in use\n", status: 1),
  ShellCase("httpd nosuch", prints: "httpd: cannot enter nosuch\n", status: 1),
  ShellCase("httpd -l 0 /", prints: "usage: httpd [-e] [-l port] root\n", status: 2),
  ShellCase(
    "get localhost:81/a", prints: "get: nobody answers at localhost, port 81\n", status: 1),
  ShellCase(
    "echo nonsense | nc -l 81 > out & sleep 1; get localhost:81/",
    prints: "get: the answer is none of HTTP\n", status: 1),
  ShellCase(
    "echo HTTP/1.1 200 OK > f; echo Content-Length: 100 >> f; echo '' >> f; echo short >> f; "
      + "nc -l 81 < f > out & sleep 1; get localhost:81/",
    prints: "short\nget: the answer is cut off, after 6 of 100 bytes\n", status: 1),
  ShellCase("get", prints: getUsage, status: 2),
  ShellCase("get http://", prints: getUsage, status: 2),
  ShellCase("get localhost:x/", prints: getUsage, status: 2),
  // chat
  ShellCase(
    "nc -lu 5001 > out & sleep 1; echo hello | chat -w 5 -p 5001 ada localhost; cat out",
    prints: "chat: port 5001 is in use\n", status: 0),
  ShellCase(
    "echo hello | chat -w 5 ada localhost 10.0.0.9",
    prints: "chat: 10.0.0.9 is unreachable\nada: hello\n"),
  ShellCase("chat ada", prints: "usage: chat [-p port] [-w ticks] name host ...\n", status: 2),
  // ifconfig and netstat
  ShellCase(
    "ping -c 1 localhost > out; ifconfig",
    prints: """
      lo: up  mtu 65536
              inet 127.0.0.1  netmask 255.0.0.0
              RX packets 2  bytes 112  errors 0  dropped 0
              TX packets 2  bytes 112  errors 0  dropped 0
      eth0: up  mtu 1500
              inet 10.0.0.1  netmask 255.0.0.0
              RX packets 0  bytes 0  errors 0  dropped 0
              TX packets 0  bytes 0  errors 0  dropped 0

      """),
  ShellCase("ifconfig eth1", prints: "ifconfig: no interface eth1\n", status: 1),
  ShellCase("ifconfig eth0 10.0.0.3", prints: "usage: ifconfig [interface]\n", status: 2),
  ShellCase(
    "umount /proc; ifconfig; netstat",
    prints: "ifconfig: cannot open /proc/net/dev\n\(head)netstat: cannot open /proc/net/tcp\n"
      + "netstat: cannot open /proc/net/udp\n", status: 1),
  ShellCase(
    "\(site); sleep 50 | nc localhost 80 & sleep 1; nc -lu 53 > out & sleep 1; netstat -a",
    prints: """
      httpd: w on port 80
      \(head)tcp        0      0 0.0.0.0:80             0.0.0.0:*              LISTEN
      tcp        0      0 127.0.0.1:49152        127.0.0.1:80           ESTABLISHED
      tcp        0      0 127.0.0.1:80           127.0.0.1:49152        ESTABLISHED
      udp        0      0 0.0.0.0:53             0.0.0.0:*              \n
      """),
  ShellCase("\(site); netstat", prints: "httpd: w on port 80\n\(head)"),
  ShellCase(
    "netstat -r",
    prints: """
      Destination     Gateway         Genmask         Iface
      10.0.0.0        0.0.0.0         255.0.0.0       eth0

      """),
  ShellCase("netstat x", prints: "usage: netstat [-alnritu]\n", status: 2),
]

/// A server in the background with a few files.
private let site =
  "mkdir w w/d w/cgi; echo first > w/a; echo in d > w/d/index.html; ln cat w/cgi/cat; "
  + "ln echo w/cgi/echo; httpd -e w & sleep 2"
private let head = "Proto Recv-Q Send-Q Local address          Foreign address        State\n"
private let pingUsage = "usage: ping [-c count] [-i ticks] [-W ticks] address|name\n"
private let ncUsage =
  "usage: nc [-u] [-w ticks] host port\n       nc -l [-u] [-w ticks] port\n"
private let getUsage = "usage: get [-i] [-o file] [http://]host[:port][/path]\n"

@Suite struct NetworkToolTests {
  @Test("A program of the network prints what it should", arguments: cases, [1, 2, 4])
  func prints(row: ShellCase, harts: Int) throws {
    let run = try GuestRun(["sh", "-c", row.line]) {
      $0.harts = harts
      $0.seed = UInt64(harts)
    }
    #expect(run.console == row.printed)
    #expect(run.status == row.status)
  }

  @Test("Ping says how long each datagram took, and what all came to", arguments: [1, 2, 4])
  func pings(harts: Int) throws {
    let run = try GuestRun(["ping", "-c", "3", "-i", "2", "localhost"]) { $0.harts = harts }
    let lines = run.console.split(separator: "\n")
    try #require(lines.count == 6, "\(run.console)")
    #expect(lines[0] == "PING localhost (127.0.0.1): 56 bytes")
    var times: [Int] = []
    for (number, line) in lines[1...3].enumerated() {
      let words = "56 bytes from 127.0.0.1: seq=\(number) time="
      #expect(line.hasPrefix(words))
      times.append(Int(line.dropFirst(words.count)) ?? 0)
    }
    #expect(times.allSatisfy { (100...2000).contains($0) }, "\(times)")
    #expect(lines[4] == "3 sent, 3 received, 0% lost")
    let average = times.reduce(0, +) / 3
    let (least, most) = (times.min() ?? 0, times.max() ?? 0)
    #expect(lines[5] == "instructions min/avg/max = \(least)/\(average)/\(most)")
    #expect(run.end == .halted(status: 0))
  }

  @Test("A lossy switch loses some of what ping sends, and both directions take its delay")
  func pingsOverLossySwitch() throws {
    let run = try GuestRun(["net_pinger"]) { scenario in
      scenario.network.delay = 30_000
      scenario.network.lossPerThousand = 300
      scenario.seed = 5
    }
    #expect(run.end == .halted(status: 0), "\(run.console)")
    let lines = run.console.split(separator: "\n")
    let came = lines.filter { $0.hasPrefix("56 bytes from 10.0.0.2: ") }
    #expect((5...18).contains(came.count), "\(run.console)")
    for line in came {
      let time = line.split(separator: "=").last.flatMap { Int($0) } ?? 0
      #expect(time >= 60_000, "\(line)")
    }
    #expect(run.console.contains("20 sent, \(came.count) received"))
    let lost = run.events.count { event in
      event.kind == .socketDrop && event[SocketDropEvent.why] == Int64(Refusal.lost.rawValue)
    }
    #expect(lost == 20 - came.count)
  }
}
