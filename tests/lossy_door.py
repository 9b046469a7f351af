"""A door to a graph server that loses the answer to a commit: nobody knows whether it happened."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_COMMIT = b"\x00\x02\xb0\x12\x00\x00"
"""Bolt's COMMIT, a message of two bytes, in a chunk of its own."""


@dataclass
class Door:
    """Attributes:
    port: where clients come in.
    losses: how many answers to commits it still loses.
    lost: how many it has lost.
    """

    port: int
    losses: int
    lost: int = 0
    threads: list[threading.Thread] = field(default_factory=list)


@contextmanager
def lossy_door(port: int, *, losses: int) -> Iterator[Door]:
    """A port of loopback that leads to another one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        door = Door(int(listener.getsockname()[1]), losses)
        threading.Thread(target=_serve, args=(listener, port, door), daemon=True).start()
        yield door
        listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, port: int, door: Door) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", port))
            committing = threading.Event()
            for source, target, answers in ((client, server, False), (server, client, True)):
                threading.Thread(
                    target=_pump, args=(source, target, answers, committing, door), daemon=True
                ).start()


def _pump(
    source: socket.socket,
    target: socket.socket,
    answers: bool,
    committing: threading.Event,
    door: Door,
) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            if answers and committing.is_set():
                door.lost += 1
                break
            if not answers and _COMMIT in data and door.lost < door.losses:
                committing.set()
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
