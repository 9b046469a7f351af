"""A folder over HTTP on this machine alone, for Neo4j Browser, which takes guides from addresses.

Pages of this machine and of the graph server may read it, no others: it holds names of the graph.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from http import HTTPStatus
from http.client import HTTPMessage
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def make_server(folder: Path, port: int, hosts: Collection[str] = ()) -> ThreadingHTTPServer:
    """Return a server of a folder on loopback, ready for `serve_forever`.

    Args:
        port: where to listen; 0 takes a free one.
        hosts: further hosts whose pages may read it.

    Raises:
        OSError: the port is taken.
    """
    handler = partial(_Handler, directory=str(folder), origins=LOOPBACK | set(hosts))
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


class _Handler(SimpleHTTPRequestHandler):
    headers = HTTPMessage()  # until a request's own are read: what is no HTTP is refused before

    def __init__(self, *arguments: object, origins: Collection[str], directory: str) -> None:
        self.origins = origins
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]

    def do_OPTIONS(self) -> None:
        """Answer what a page asks before it reads with headers of its own."""
        if self._meant_for_us():
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()

    def send_head(self) -> BytesIO | BinaryIO | None:
        """Find the file for GET and HEAD."""
        return super().send_head() if self._meant_for_us() else None

    def end_headers(self) -> None:
        """Let a page that may read the folder do so."""
        origin = self.headers.get("Origin", "")
        if urlsplit(origin).hostname in self.origins:
            self.send_header("Access-Control-Allow-Origin", origin)
            asked = self.headers.get("Access-Control-Request-Headers", "")
            self.send_header("Access-Control-Allow-Headers", asked)
            self.send_header("Access-Control-Allow-Private-Network", "true")
        self.send_header("Vary", "Origin")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name
        """Say nothing: what is served is no news."""

    def _meant_for_us(self) -> bool:
        """Refuse another name for this address, by which a foreign page would be of our origin."""
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname in LOOPBACK:
            return True
        self.send_error(HTTPStatus.FORBIDDEN)
        return False
