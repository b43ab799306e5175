"""What `drydock export --format chrome` writes is JSON of Chrome's trace event format, and says
what the session's views say."""

import json
from collections import Counter

import pytest
from conftest import export


@pytest.fixture(scope="session")
def events(session, tmp_path_factory):
    path = export(session, "chrome", tmp_path_factory.mktemp("chrome"))
    return json.loads(path.read_text())["traceEvents"]


def instructions(microseconds):
    return round(microseconds * 1000)


def test_every_event_is_on_a_thread_that_has_a_name(events):
    assert {event["ph"] for event in events} == {"M", "X", "i"}
    named = {(e["pid"], e["tid"]) for e in events if e["name"] == "thread_name"}
    processes = {e["pid"] for e in events if e["name"] == "process_name"}
    for event in events:
        assert event["pid"] in processes
        if event["ph"] != "M":
            assert (event["pid"], event["tid"]) in named
            assert event["ts"] >= 0 and event.get("dur", 0) >= 0


def test_the_harts_ran_as_long_as_the_view_says(events, rows):
    found = Counter()
    for event in events:
        if event["ph"] == "X" and event["pid"] == 1:
            found[event["tid"]] += instructions(event["dur"])
    expected = rows("SELECT hart, sum(duration) FROM run_slice GROUP BY hart")
    assert found == dict(expected)


def test_calls_are_those_of_the_view(events, rows):
    found = Counter(
        (event["tid"], instructions(event["ts"]), instructions(event["dur"]), event["name"])
        for event in events if event.get("cat") == "syscall")
    expected = rows(
        "SELECT pid, time, duration, 'call ' || name FROM syscall s "
        "WHERE (SELECT a5 FROM event e WHERE e.seq = s.seq) = -1")
    assert found == Counter(expected)


def test_instants_tell_of_their_event(events, rows):
    instants = {event["args"]["seq"]: event for event in events if event["ph"] == "i"}
    times = dict(rows("SELECT seq, time FROM event"))
    assert len(instants) > 10
    for seq, event in instants.items():
        assert instructions(event["ts"]) == times[seq]
