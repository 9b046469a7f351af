"""A door between a program and its graph server that can be slammed: TCP, on loopback."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_CHUNK: Final = 65_536
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: a close is an RST, as after a lost network


class Proxy:
    """Hands every connection on to the port that `upstream` names at that moment."""

    def __init__(self, upstream: Callable[[], int]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._shut_until = 0.0
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self, seconds: float) -> int:
        """Break all connections, and every new one for so long; return how many broke now."""
        self._shut_until = time.monotonic() + seconds
        pairs = list(self._pairs)
        for pair in pairs:
            _break(*pair)
        return len(pairs)

    def close(self) -> None:
        """Take no more connections, and break those there are."""
        self._listener.close()
        self.cut(0.0)

    def _serve(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                try:
                    if time.monotonic() < self._shut_until:
                        raise ConnectionRefusedError
                    server = socket.create_connection(("127.0.0.1", self._upstream()))
                except OSError:
                    _break(client)
                    continue
                pair = (client, server)
                self._pairs.add(pair)
                for source, target in (pair, pair[::-1]):
                    threading.Thread(
                        target=self._pump, args=(source, target, pair), daemon=True
                    ).start()

    def _pump(
        self, source: socket.socket, target: socket.socket, pair: tuple[socket.socket, ...]
    ) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                target.sendall(data)
        self._pairs.discard((pair[0], pair[1]))
        for end in pair:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _break(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            end.shutdown(socket.SHUT_RDWR)
            end.close()
