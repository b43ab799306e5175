"""What the tests share: the recorded sessions, and the tool."""

import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SESSIONS = sorted((ROOT / "traces").glob("*.db"))
DRYDOCK = os.environ.get("DRYDOCK", str(ROOT / ".build/release/drydock"))


def session_id(path):
    return path.stem


def pytest_generate_tests(metafunc):
    marks = metafunc.definition.iter_markers("parametrize")
    named = [name for mark in marks for name in mark.args[:1]]
    if "session" in metafunc.fixturenames and "session" not in named:
        metafunc.parametrize("session", SESSIONS, ids=session_id, scope="session")


@pytest.fixture
def rows(session):
    """Asks the session in plain SQLite."""
    db = sqlite3.connect(f"file:{session}?mode=ro", uri=True)
    yield lambda sql: db.execute(sql).fetchall()
    db.close()


def export(session, form, folder):
    """The session in another format, as the tool writes it."""
    path = folder / f"{session.stem}.{form}"
    subprocess.run([DRYDOCK, "export", "--format", form, "-o", path, session], check=True)
    return path


def relations(session, kind):
    """The names of the session's tables or views."""
    with sqlite3.connect(f"file:{session}?mode=ro", uri=True) as db:
        found = db.execute("SELECT name FROM sqlite_master WHERE type = ? ORDER BY name", (kind,))
        return [name for (name,) in found]
