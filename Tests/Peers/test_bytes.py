"""Whatever guests print and call things, Python reads every view, and sqlite-utils every row of it."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import DRYDOCK, relations

SCRIPT = r"""
program: sh
script:
  - "echo Grüße 漢字 🦆 aaaaaaaaaaaaaaaaaaaaaaaa ü; mkdir ü\\\\x41"
  - keys: "echo \x01\x02\x1b[31m\x7f\xff\xc3 > /d\n"
  - keys: "cat init | grep E\n"
  - "cat init; nosuch\x1bname"
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """A session whose console has every byte of an executable on it."""
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "s.yaml").write_text(SCRIPT, encoding="utf-8")
    path = folder / "bytes.db"
    subprocess.run(
        [DRYDOCK, "record", "--scenario", folder / "s.yaml", "-o", path],
        stdout=subprocess.DEVNULL, check=False)
    return path


def test_every_view_is_read(printed):
    with sqlite3.connect(f"file:{printed}?mode=ro", uri=True) as db:
        for name in relations(printed, "view") + relations(printed, "table"):
            for row in db.execute(f'SELECT * FROM "{name}"'):
                assert all("\0" not in value for value in row if isinstance(value, str)), name


def test_characters_are_whole(printed):
    with sqlite3.connect(f"file:{printed}?mode=ro", uri=True) as db:
        shown = "".join(
            text for (text,) in db.execute(
                "SELECT text FROM console WHERE direction = 'out' ORDER BY seq"))
        raw = b"".join(
            part for (part,) in db.execute(
                "SELECT bytes FROM console WHERE direction = 'out' ORDER BY seq"))
    assert "Grüße 漢字 🦆" in shown and "\ufffd" not in shown
    assert b"\x7fELF" in raw and "\\x7fELF" in shown


def test_sqlite_utils_reads_the_console(printed):
    tool = Path(sys.executable).with_name("sqlite-utils")
    rows = json.loads(subprocess.run(
        [tool, "rows", str(printed), "console"], check=True, capture_output=True).stdout)
    assert rows and all(row["bytes"]["$base64"] for row in rows)
