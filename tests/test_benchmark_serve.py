"""The load test's callers count what they see: also what must not be."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.serve import _of_load
from benchmarks.serve_load import Load, callers

ANSWERS = {"/good": 200, "/away": 503, "/bare": 503, "/broken": 500}


class Moody(BaseHTTPRequestHandler):
    """Answers as the path says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/gone":
            self.close_connection = True
            return
        self.send_response(ANSWERS[self.path])
        self.send_header("Content-Length", "0")
        if self.path == "/away":
            self.send_header("Retry-After", "1")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Moody) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "status", "errors"),
    [
        ("/good", 200, False),
        ("/away", 503, False),
        ("/bare", 503, True),
        ("/broken", 500, True),
        ("/gone", 0, True),
    ],
)
def test_what_must_not_be_is_counted(port: int, path: str, status: int, errors: bool) -> None:
    with callers(port, [("/route", path)], 2) as load:
        time.sleep(0.3)
    assert set(load.statuses) == {("/route", status)}
    rows = list(_of_load("here", "trying", load))
    assert [row.route for row in rows] == ["all three", "/route"]
    for row in rows:
        assert row.requests == load.by_status()[status] > 0
        assert row.errors == (row.requests if errors else 0)
        assert row.refused == (row.requests if status == 503 else 0)
    assert bool(load.took) is (status == 200)


def test_percentiles_are_of_one_route_or_of_all() -> None:
    load = Load(took={"/a": [1.0, 3.0], "/b": [9.0]})
    assert load.percentile(0.5, "/a") == 2.0
    assert load.percentile(0.5) == 3.0
