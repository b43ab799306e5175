"""docs/trace-format.md is enough: the reader made from it alone reads every session, and finds what
was changed in one."""

import shutil
import signal
import sqlite3
import subprocess
import time

import pytest
from conftest import DRYDOCK, ROOT, SESSIONS, relations
from trace_format import WHOLE_TABLES, Damaged, Trace, tables_of_the_specification

SMALL = ROOT / "traces/inversion.db"
MARKED = ROOT / "traces/eight.db"
# What a file must not be judged by: see the end of "Seals" in the page.
UNSEALED = {("mark", "time")}


def test_it_is_whole_and_the_reports_say_the_same(session, rows):
    trace = Trace(session)
    assert trace.is_complete
    counts = rows("SELECT k.name, count(*) FROM event JOIN kind k ON k.id = kind GROUP BY 1")
    assert trace.per_kind == dict(counts)
    runtime = rows("SELECT pid, sum(duration) FROM run_slice GROUP BY pid")
    assert {pid: time for pid, time in trace.runtime.items()} == dict(runtime)
    assert sum(trace.per_kind.values()) == trace.count > 100


def test_the_numbers_are_those_of_the_page(session, rows):
    for table, expected in tables_of_the_specification(ROOT / "docs/trace-format.md").items():
        found = [tuple(v for v in row if v is not None) for row in rows(f"SELECT * FROM {table}")]
        if table == "call":
            # The negatives are said in words.
            expected = [(-id, f"call#{id}") for id, _ in reversed(expected)] + expected
        assert found == expected, table


def altered(path, folder, sql, *values):
    copy = folder / "altered.db"
    shutil.copy(path, copy)
    db = sqlite3.connect(copy)
    assert db.execute(sql, values).rowcount == 1, sql
    db.commit()
    db.close()
    return copy


def other(value):
    """Another value of the same type."""
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:] if value else b"\0"
    # Far away, so that a row's number does not become another's.
    return value + "x" if isinstance(value, str) else value + 1_000_003


def cells(path, tables):
    """One row of each table, from its middle: the key, and every column that has a value."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for table in tables:
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        found = db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        if not found:
            continue
        row = found[len(found) // 2]
        for column, value in zip(columns, row):
            if value is not None:
                yield table, columns[0], row[0], column, value
    db.close()


def test_every_column_of_every_table_counts(tmp_path):
    checked = set()
    tables = [t for t in relations(SMALL, "table") if t != "mark"]
    for path, names in [(SMALL, tables), (MARKED, ["mark", "choice", "script", "input"])]:
        for table, key, number, column, value in cells(path, names):
            copy = altered(
                path, tmp_path, f"UPDATE {table} SET {column} = ? WHERE {key} = ?", other(value),
                number)
            with pytest.raises(Damaged):
                Trace(copy)
            checked.add(table)
    # No committed session runs a program with symbols.
    empty = {"program", "program_run", "symbol", "source_line"}
    assert checked >= {
        *(table for table in WHOLE_TABLES if table not in empty), "meta", "scenario", "script", "file", "input", "choice", "name",
        "event", "mark"}


def test_a_row_that_is_gone_counts(tmp_path):
    for table in ["meta", "scenario", "file", "name", "event", "process", "call"]:
        key = next(cells(SMALL, [table]))[1:3]
        copy = altered(SMALL, tmp_path, f"DELETE FROM {table} WHERE {key[0]} = ?", key[1])
        with pytest.raises(Damaged):
            Trace(copy)


@pytest.mark.parametrize("column", ["pid", "cid", "hart"])
def test_what_the_hash_leaves_out_of_a_number_counts(tmp_path, column):
    copy = altered(
        SMALL, tmp_path, f"UPDATE event SET {column} = {column} + (1 << 62) WHERE seq = 9")
    with pytest.raises(Damaged, match="event 9"):
        Trace(copy)


def contents(path):
    """All rows of all tables; None where SQLite cannot read them."""
    try:
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            tables = relations(SMALL, "table")
            return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
        finally:
            db.close()
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def test_a_flipped_byte_is_found_or_changes_no_row(tmp_path):
    whole = SMALL.read_bytes()
    before = contents(SMALL)
    copy = tmp_path / "flipped.db"
    found = 0
    for place in range(0, len(whole), len(whole) // 150 | 1):
        copy.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            Trace(copy)
        except Damaged:
            found += 1
        else:
            assert contents(copy) == before, f"byte {place}"
    assert found > 50


def test_a_session_being_written_reads_up_to_its_last_commit(tmp_path):
    path = tmp_path / "long.db"
    recorder = subprocess.Popen(
        [DRYDOCK, "record", "-o", path, "--", "pingpong", "100000000"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        count = 0
        deadline = time.monotonic() + 60
        while count == 0 and recorder.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
            if path.exists():
                try:
                    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
                    count = db.execute("SELECT count(*) FROM event").fetchone()[0]
                    db.close()
                except sqlite3.Error:
                    pass
        assert recorder.poll() is None and count > 0
        recorder.send_signal(signal.SIGSTOP)
        assert not Trace(path).is_complete
    finally:
        recorder.kill()
        recorder.wait()
    trace = Trace(path)
    assert not trace.is_complete and trace.count >= count > 4096


def test_every_session_is_here():
    assert len(SESSIONS) > 10
