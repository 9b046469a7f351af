"""A server for the application: listens, and ends in order."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import Final

import uvicorn
from fastapi import FastAPI

from kg.errors import ConfigError
from recommender.stopping import stopped_by_signals

GRACE: Final = 15
"""Seconds that requests at work have when the service is asked to end."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises:
        ConfigError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise ConfigError(
            f"Nothing can be served at {host} port {port}: {error.strerror or error}.",
            remedy="Name a free port with --port, or an address of this machine with --host.",
        ) from error
    # asyncio does so for sockets that it makes; else the second part of an answer waits 40 ms
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def address(listening: socket.socket) -> str:
    """Return the address for people."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def serve(app: FastAPI, listening: socket.socket) -> None:
    """Answer until Ctrl-C or SIGTERM; requests at work are answered first.

    What was asked is not logged, since paths hold the keys of people.
    """
    config = uvicorn.Config(
        app,
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    # uvicorn has handlers of its own, and raises the signal again when it has ended
    with closing(listening), stopped_by_signals(quiet=True):
        uvicorn.Server(config).run(sockets=[listening])
