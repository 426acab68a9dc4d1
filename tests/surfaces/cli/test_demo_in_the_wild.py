"""`fist demo` on machines and in terminals that are not a developer's."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.surfaces.cli.fist import FIST, fist


def test_without_kubectl_on_the_path_it_finds_the_cause_all_the_same(tmp_path: Path) -> None:
    done = fist(
        "demo", "--once", "--output", "json", home=tmp_path, environ={"PATH": str(tmp_path)}
    )

    assert done.returncode == 0, done.stderr
    assert "OOMKilled" in json.loads(done.stdout)["report"]["root_cause"]


def test_a_port_in_use_is_named_and_nothing_is_played(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = fist("demo", "--once", "--listen", address, home=tmp_path)

    assert done.returncode == 75
    assert address in done.stderr
    assert done.stdout == ""


@contextmanager
def _left_open(home: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Start the demo, wait until its console stays open, and give it with the address it names."""
    # A child inherits an ignored Ctrl-C, as tests in the background of a shell have it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    demo = subprocess.Popen(
        [str(FIST), "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "COLUMNS": "200"},
    )
    signal.signal(signal.SIGINT, before)
    try:
        assert demo.stdout is not None
        printed = iter(demo.stdout.readline, "")
        opened = (re.search(r"console is open at (\S+)", line) for line in printed)
        yield demo, next(found[1] for found in opened if found)
    finally:
        demo.kill()
        demo.communicate()


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal on POSIX only")
def test_the_console_answers_until_ctrl_c_which_ends_it_quietly(tmp_path: Path) -> None:
    with _left_open(tmp_path) as (demo, page):
        reply = httpx2.get(page)
        demo.send_signal(signal.SIGINT)
        _, complaints = demo.communicate(timeout=30)

    assert reply.status_code == 200
    assert "OOMKilled" in reply.text
    assert complaints == ""
    assert demo.returncode == 0
