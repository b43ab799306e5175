"""A session opens in Datasette as it is."""

import base64
import json
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from conftest import ROOT, relations

SESSION = ROOT / "traces/two-containers.db"


@pytest.fixture(scope="module")
def ask():
    """A Datasette that serves the session on the loopback; asks it for a page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    before = SESSION.read_bytes()
    server = subprocess.Popen(
        [Path(sys.executable).with_name("datasette"), "serve", SESSION, "--host", "127.0.0.1",
         "--port", str(port), "--setting", "sql_time_limit_ms", "20000",
         "--setting", "suggest_facets", "off"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def get(path, **parameters):
        query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}{query}") as answer:
            return answer.read().decode()

    deadline = time.monotonic() + 60
    while True:
        try:
            get("/-/versions.json")
            break
        except urllib.error.URLError:
            assert server.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
    yield lambda path, **parameters: json.loads(get(path, **parameters))
    assert "two-containers" in get("/")
    server.terminate()
    server.wait()
    assert SESSION.read_bytes() == before


@pytest.fixture
def sql():
    db = sqlite3.connect(f"file:{SESSION}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    yield lambda query: [dict(row) for row in db.execute(query)]
    db.close()


def test_it_lists_the_tables_and_the_views(ask, sql):
    page = ask("/two-containers.json")
    assert sorted(t["name"] for t in page["tables"]) == relations(SESSION, "table")
    assert sorted(v["name"] for v in page["views"]) == relations(SESSION, "view")
    counts = {t["name"]: t["count"] for t in page["tables"]}
    assert counts["event"] == sql("SELECT count(*) AS n FROM event")[0]["n"] > 100


def as_datasette_has_it(value):
    """In JSON, bytes that are UTF-8 are a text, and others base64."""
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"$base64": True, "encoded": base64.b64encode(value).decode()}


@pytest.mark.parametrize("view", relations(SESSION, "view"))
def test_every_view_answers(ask, sql, view):
    expected = [
        {name: as_datasette_has_it(value) for name, value in row.items()}
        for row in sql(f"SELECT * FROM {view} LIMIT 3")]
    assert ask(f"/two-containers/{view}.json", _shape="array", _size=3, _nocount=1) == expected


def test_a_view_is_filtered_by_its_address(ask, sql):
    found = ask("/two-containers/sched.json", _shape="array", utid=2, end_state="S", _size=100)
    assert found == sql("SELECT * FROM sched WHERE utid = 2 AND end_state = 'S' LIMIT 100")
    assert len(found) > 3


def test_a_query_is_answered(ask, sql):
    query = """
        SELECT name, count(*) AS slices, sum(dur) AS instructions
        FROM sched JOIN thread USING (utid) GROUP BY name ORDER BY instructions DESC, name
        """
    found = ask("/two-containers.json", sql=query, _shape="array")
    assert found == sql(query)
    assert len(found) > 3
