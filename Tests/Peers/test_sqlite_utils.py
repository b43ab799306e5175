"""A session opens in sqlite-utils as it is, from Python and at the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlite_utils
from conftest import ROOT, relations


def tool(*arguments):
    command = [Path(sys.executable).with_name("sqlite-utils"), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_from_python(session, rows):
    before = session.read_bytes()
    db = sqlite_utils.Database(session)
    assert sorted(db.table_names()) == relations(session, "table")
    assert sorted(db.view_names()) == relations(session, "view")
    assert db["event"].count == rows("SELECT count(*) FROM event")[0][0]
    assert db["event"].strict and db["event"].pks == ["seq"]
    assert db["event"].get(1)["kind"] == 101
    slices = list(db["sched"].rows_where("utid = ? ", [1], order_by="ts"))
    assert [row["id"] for row in slices] == [
        id for (id,) in rows("SELECT id FROM sched WHERE utid = 1 ORDER BY ts")]
    found = list(db.query("SELECT name, count(*) AS n FROM syscall GROUP BY name ORDER BY name"))
    assert [(row["name"], row["n"]) for row in found] == rows(
        "SELECT name, count(*) FROM syscall GROUP BY name ORDER BY name")
    db.close()
    assert session.read_bytes() == before


@pytest.mark.parametrize("session", [ROOT / "traces/shell.db"], ids=["shell"])
def test_at_the_command_line(session, rows):
    before = session.read_bytes()
    counts = {row["table"]: row["count"] for row in json.loads(tool("tables", session, "--counts"))}
    assert counts["event"] == rows("SELECT count(*) FROM event")[0][0]
    views = json.loads(tool("views", session))
    assert sorted(row["view"] for row in views) == relations(session, "view")
    assert "CREATE TABLE event" in tool("schema", session)
    processes = json.loads(tool("rows", session, "process"))
    assert [(row["upid"], row["name"]) for row in processes] == rows(
        "SELECT upid, name FROM process ORDER BY upid")
    sql = "SELECT cpu, count(*) AS slices FROM sched GROUP BY cpu ORDER BY cpu"
    found = json.loads(tool("query", session, sql))
    assert [(row["cpu"], row["slices"]) for row in found] == rows(sql)
    assert session.read_bytes() == before
