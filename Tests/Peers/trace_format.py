"""A reader and verifier of traces, written from docs/trace-format.md alone.

    python3 trace_format.py SESSION.db...

checks each session's seals and prints what it recomputed from the events. Needs nothing but
Python's standard library, and nothing of Drydock.
"""

import re
import sqlite3
import struct
import sys
from collections import Counter
from pathlib import Path

APPLICATION_ID = 0x6472646B
VERSION = 8
MARK_INTERVAL = 4096
MASK = (1 << 64) - 1

LIMITS = [
    "processes", "descriptors", "openFiles", "execArguments", "pathLength", "blocks", "inodes",
    "pipeCapacity", "frames", "sharedPages", "mutexes", "mutexHandles", "containers",
]
WHOLE_TABLES = [
    "kind", "call", "refusal", "wait_reason", "fault_cause", "yield_reason", "end_reason",
    "process", "container", "program", "program_run", "symbol", "source_line",
]
EVENT_COLUMNS = "seq, time, hart, kind, pid, cid, a0, a1, a2, a3, a4, a5"


class Damaged(Exception):
    """A trace that is not as it was recorded, or no trace."""


def fold(a, b):
    product = a * b
    return (((product >> 64) ^ (product & MASK) ^ a) + 0x2D358DCCAA6C78A5) & MASK


class Chain:
    def __init__(self, seed):
        self.state = seed ^ 0x9E3779B97F4A7C15

    def word(self, number):
        self.state = fold(self.state ^ (number & MASK), 0xA0761D6478BD642F)

    def bytes(self, data):
        self.word(len(data))
        whole = len(data) // 8 * 8
        for start in range(0, whole, 8):
            self.word(int.from_bytes(data[start : start + 8], "little"))
        self.word(int.from_bytes(data[whole:], "big"))

    def text(self, text):
        self.bytes(text.encode())

    def value(self):
        return fold(self.state ^ 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3) or 1

    def check(self):
        return self.value() & 0x7FFF_FFFF


def signed(number):
    return number - (1 << 64) if number >> 63 else number


class Trace:
    """A trace that has been read through and found whole, or `Damaged` is raised."""

    def __init__(self, path):
        self.path = Path(path)
        self.db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        self.db.text_factory = lambda data: data.decode()
        self.per_kind = Counter()
        self.runtime = Counter()
        self.boot_scenario = None
        self.lives = Lives(self)
        try:
            self._check_format()
            self._read_meta()
            self._read_small_tables()
            self._read_events()
            if self.is_complete:
                self._check_whole_tables()
                self._check_counts()
        except (sqlite3.Error, UnicodeDecodeError, TypeError) as error:
            raise Damaged(f"{self.path}: {error}") from error
        finally:
            self.db.close()

    def _expect(self, what, found, expected):
        if found != expected:
            raise Damaged(f"{self.path}: {what}: found {found}, expected {expected}")

    def _check_format(self):
        self._expect(
            "application_id", self.db.execute("PRAGMA application_id").fetchone()[0],
            APPLICATION_ID)
        self._expect("version", self.db.execute("PRAGMA user_version").fetchone()[0], VERSION)

    def _read_meta(self):
        self.meta = dict(self.db.execute("SELECT key, value FROM meta"))
        self._expect("meta.drydock", self.meta.get("drydock"), "trace")
        self._expect("meta.format", self.meta.get("format"), VERSION)
        if self.meta.get("state") not in ("recording", "complete"):
            raise Damaged(f"{self.path}: meta.state: found {self.meta.get('state')}")
        self.is_complete = self.meta["state"] == "complete"

    # What went in, and names

    def _chained(self, table, seed, columns, add, number="ordinal", sealed_at_once=False):
        chain = Chain(seed)
        rows = []
        for ordinal, seal, *row in self.db.execute(
            f"SELECT {number}, seal, {columns} FROM {table} ORDER BY {number}"
        ):
            chain.word(ordinal)
            add(chain, *row)
            self._expect(f"{table} {ordinal}", seal, chain.check())
            rows.append((ordinal, *row))
        if self.is_complete or sealed_at_once:
            self._expect(f"seal.{table}", self.meta.get(f"seal.{table}"), chain.check())
        return rows

    def _read_small_tables(self):
        def scenario(chain, key, value):
            chain.text(key)
            if isinstance(value, int):
                chain.word(0)
                chain.word(value)
            else:
                chain.word(1)
                chain.text(value)

        def script(chain, at_tick, data):
            chain.word(0 if at_tick is None else 1)
            chain.word(at_tick or 0)
            chain.bytes(data)

        def file(chain, path, kind, content, major, minor):
            chain.text(path)
            chain.text(kind)
            if kind == "file":
                chain.bytes(content)
            elif kind == "device":
                chain.word(major)
                chain.word(minor)

        def input_(chain, time, channel, data):
            chain.word(time)
            chain.word(channel)
            chain.bytes(data)

        def choice(chain, point, hart, options, chosen, seq, candidate):
            chain.word(point * 256 + hart)
            chain.word(options)
            chain.word(chosen)
            chain.word(seq)
            chain.word(candidate)

        def name(chain, text, data):
            chain.bytes(text.encode() if data is None else data)

        self.scenario = self._chained(
            "scenario", 2, "key, value", scenario, sealed_at_once=True)
        self.script = self._chained("script", 3, "at_tick, bytes", script, sealed_at_once=True)
        self.files = self._chained(
            "file", 4, "path, kind, content, major, minor", file, sealed_at_once=True)
        self.inputs = self._chained("input", 5, "time, channel, bytes", input_)
        self.choices = self._chained(
            "choice", 6, "point, hart, options, chosen, seq, candidate", choice)
        rows = self._chained("name", 7, "text, bytes", name, number="id")
        self._expect("name numbers", [row[0] for row in rows], list(range(len(rows))))
        self.names = [row[1] for row in rows]

    # What happened

    def _read_events(self):
        self.kinds = {
            row[0]: row[1] for row in self.db.execute("SELECT id, name FROM kind")}
        marks = {row[0]: row[1:] for row in self.db.execute("SELECT seq, time, seal FROM mark")}
        chain = Chain(1)
        started = {}
        self.count = 0
        self.last_time = 0
        for seq, time, hart, kind, pid, cid, *columns in self.db.execute(
            f"SELECT {EVENT_COLUMNS} FROM event ORDER BY seq"
        ):
            self.count += 1
            self._expect("event number", seq, self.count)
            if kind not in self.kinds:
                raise Damaged(f"{self.path}: event {seq}: found kind {kind}, expected a known one")
            if hart not in range(256) or not all(-(1 << 31) <= id < 1 << 31 for id in (pid, cid)):
                raise Damaged(f"{self.path}: event {seq}: found hart {hart}, pid {pid}, cid {cid}")
            name = self.kinds[kind]
            if time < self.last_time and name != "shm_access":
                raise Damaged(f"{self.path}: event {seq}: time fell to {time}")
            if name != "shm_access":
                self.last_time = time
            chain.word(time)
            chain.word((pid & 0xFFFF_FFFF) << 32 | (cid & 0xFFFF_FFFF))
            chain.word(hart * 256 + kind)
            for column in columns:
                chain.word(column)
            if seq % MARK_INTERVAL == 0:
                self._expect(f"mark {seq}", marks.pop(seq, None), (time, signed(chain.value())))
            self._count(name, time, pid, columns, started)
            self.lives.take(name, time, pid, cid, columns)
        self._expect("marks at other events", sorted(marks), [])
        if self.is_complete:
            self._expect("seal.event", self.meta.get("seal.event"), signed(chain.value()))
        if self.count:
            self._expect("the scenario's hash", self.boot_scenario, self._scenario_hash())
        # Who still runs has run until now.
        for pid, since in started.items():
            self.runtime[pid] += self.last_time - since

    def _count(self, name, time, pid, columns, started):
        self.per_kind[name] += 1
        if name == "boot":
            self.boot_scenario = columns[0]
        elif name == "dispatch":
            started[pid] = time
        elif name in ("block", "yield", "exit") and pid in started:
            self.runtime[pid] += time - started.pop(pid)

    # What is sealed as a whole

    def _check_whole_tables(self):
        for table in WHOLE_TABLES:
            check = self._whole(f"SELECT * FROM {table} ORDER BY 1")
            self._expect(f"seal.{table}", self.meta.get(f"seal.{table}"), check)
        if "seal.views" in self.meta:
            check = self._whole(
                "SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY name COLLATE BINARY")
            self._expect("seal.views", self.meta["seal.views"], check)
        check = self._whole(
            "SELECT key, value FROM meta WHERE key <> 'seal.meta' ORDER BY key COLLATE BINARY")
        self._expect("seal.meta", self.meta.get("seal.meta"), check)
        self.lives.compare()

    def _whole(self, sql):
        chain = Chain(8)
        for row in self.db.execute(sql):
            for value in row:
                if value is None:
                    chain.word(0)
                elif isinstance(value, int):
                    chain.word(1)
                    chain.word(value)
                elif isinstance(value, float):
                    chain.word(2)
                    chain.word(struct.unpack("<Q", struct.pack("<d", value))[0])
                elif isinstance(value, str):
                    chain.word(3)
                    chain.text(value)
                else:
                    chain.word(4)
                    chain.bytes(value)
        return chain.check()

    def _check_counts(self):
        self._expect("events", self.meta.get("events"), self.count)
        self._expect("inputs", self.meta.get("inputs"), len(self.inputs))
        self._expect("choices", self.meta.get("choices"), len(self.choices))

    def _scenario_hash(self):
        one = {key: value for _, key, value in self.scenario}
        many = {key: [v for _, k, v in self.scenario if k == key] for key in ("program", "defect", "calls")}
        chain = Chain(0)
        for key in ("harts", "seed", "tick"):
            chain.word(one[key])
        chain.word(one.get("limitTicks", MASK))
        for key in LIMITS:
            chain.word(one[key])
        for key in ("manager", "sharedAccesses"):
            chain.word(one.get(key, 0))
        chain.word(len(many["program"]))
        for argument in many["program"]:
            chain.text(argument)
        chain.word(len(self.files))
        for _, path, kind, content, major, minor in self.files:
            chain.text(path)
            if kind == "file":
                chain.bytes(content)
            elif kind == "directory":
                chain.word(MASK)
            else:
                chain.word((major << 16) ^ (minor & 0xFFFF))
        chain.word(len(self.script))
        for _, at_tick, data in self.script:
            chain.bytes(data)
            chain.word(MASK if at_tick is None else at_tick)
        if one.get("fileBlocks", 268) != 268:
            chain.text("fileBlocks")
            chain.word(one["fileBlocks"])
        if many["calls"]:
            chain.text("calls")
            for setting in many["calls"]:
                chain.text(setting)
        if "scheduler" in one:
            chain.text("scheduler")
            chain.text(one["scheduler"])
        if "reserve" in one:
            chain.text("reserve")
            chain.word(one["reserve"])
        if one.get("priorityInheritance"):
            chain.text("priorityInheritance")
        network = {"networkDelay": 1000, "networkLoss": 0, "networkSpread": 0}
        if any(key in one for key in network):
            chain.text("network")
            for key, usual in network.items():
                chain.word(one.get(key, usual))
        self._hash_ports(chain)
        if many["defect"]:
            chain.word(len(many["defect"]))
            for defect in many["defect"]:
                chain.text(defect)
        return signed(chain.value())

    def _hash_ports(self, chain):
        ports = [value for _, key, value in self.scenario if key == "port"]
        if ports:
            chain.text("ports")
            chain.word(len(ports))
        for port in ports:
            # ADDRESS:HOST:CONTAINER:PORT, of which the third may be empty.
            address, host, rest = port.split(":", 2)
            target, _, inner = rest.rpartition(":")
            chain.word(address_number(address))
            chain.word(int(host))
            chain.text(target)
            chain.word(int(inner))
        clients = []
        for _, key, value in self.scenario:
            if key == "client":
                clients.append((value, []))
            elif key == "clientStep":
                clients[-1][1].append(value)
        if clients:
            chain.text("clients")
            chain.word(len(clients))
        for client, steps in clients:
            words = client.split(" ")
            address, port = words[0].split(":")
            said = dict(zip(words[1::2], map(int, words[2::2])))
            for number in (address_number(address), int(port), said["from"]):
                chain.word(number)
            chain.word(said.get("at", MASK))
            chain.word(said.get("reads", MASK))
            chain.word(len(steps))
            for step in steps:
                time = MASK
                if step.startswith("at "):
                    _, time, step = step.split(" ", 2)
                chain.word(int(time))
                if step.startswith("send "):
                    chain.word(0)
                    chain.bytes(unescaped(step[len('send "') : -1]))
                elif step.startswith("take "):
                    chain.word(1)
                    chain.word(int(step[len("take ") :]))
                else:
                    chain.word({"end sending": 2, "end connection": 3}[step])


def address_number(text):
    return int.from_bytes(bytes(map(int, text.split("."))), "big")


def unescaped(text):
    return re.sub(
        r'\\(x..|.)',
        lambda found: chr(int(found[1][1:], 16)) if found[1][0] == "x" and len(found[1]) > 1
        else {"n": "\n", "r": "\r"}.get(found[1], found[1]),
        text).encode("latin-1")


class Lives:
    """The tables `process` and `container`, made again from the events."""

    PROCESS = ["pid", "container_pid", "name", "start_ts", "end_ts", "parent_upid", "cid", "status"]
    CONTAINER = ["init", "root", "allowed", "start_ts", "end_ts", "status"]

    def __init__(self, trace):
        self.trace = trace
        self.processes = {}
        self.containers = {}

    def take(self, kind, time, pid, cid, columns):
        if kind == "boot":
            self._process(1, time, cid, name="init")
        elif kind == "fork":
            self._process(
                columns[0], time, cid, name=self.trace.names[columns[1]], parent_upid=pid,
                container_pid=columns[2] or None)
        elif kind == "exec":
            self._process(pid, time, cid, name=self.trace.names[columns[0]])
        elif kind == "exit":
            self._process(pid, time, cid, end_ts=time, status=columns[0])
        elif kind.startswith("container_"):
            row = self.containers.setdefault(
                columns[0], dict.fromkeys(self.CONTAINER) | {"init": pid, "start_ts": time})
            if kind == "container_create":
                row["init"] = columns[1]
            elif kind == "container_root":
                row["root"] = self.trace.names[columns[1]]
            elif kind == "container_budget":
                row["allowed"] = columns[1]
            elif kind == "container_end":
                row.update(end_ts=time, status=columns[1])
            if kind == "container_create":
                self._process(pid, time, columns[0])
            elif kind == "container_enter":
                self._process(pid, time, columns[0], container_pid=columns[2] or None)

    def _process(self, pid, time, cid, **facts):
        row = self.processes.setdefault(
            pid, dict.fromkeys(self.PROCESS) | {"pid": pid, "name": "", "start_ts": time})
        row.update(cid=cid, **facts)

    def compare(self):
        for table, key, columns, made in [
            ("process", "upid", self.PROCESS, self.processes),
            ("container", "cid", self.CONTAINER, self.containers),
        ]:
            rows = self.trace.db.execute(f"SELECT {key}, {', '.join(columns)} FROM {table}")
            stored = {row[0]: dict(zip(columns, row[1:])) for row in rows}
            self.trace._expect(f"table {table}", stored, made)


def tables_of_the_specification(page):
    """The kinds and the numbers as the page has them: `{table: [(number, name, …)]}`."""
    text = Path(page).read_text()
    tables = {"kind": []}
    for number, name, family, columns in re.findall(
        r"^\| (\d+) \| `(\w+)` \| (\w+) \| (.*?) ?\|$", text, re.M
    ):
        tables["kind"].append((int(number), name, family, *re.findall(r"`(\w+)`", columns)))
    for table, words in re.findall(r"^\| `(\w+)` \| (\d+ .*) \|$", text, re.M):
        if table in WHOLE_TABLES:
            tables[table] = [
                (int(number), name) for number, name in re.findall(r"(\d+) ([^,]+)", words)]
    return tables


def main(paths):
    for path in paths:
        trace = Trace(path)
        print(f"{path}: {trace.count} events, {'whole' if trace.is_complete else 'cut short'}")
        for name, count in trace.per_kind.most_common():
            print(f"  {count:9} {name}")
        for pid, time in sorted(trace.runtime.items(), key=lambda item: -item[1]):
            print(f"  process {pid} ran for {time}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Damaged as damage:
        sys.exit(str(damage))
