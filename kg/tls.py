"""Which certificates a graph server is trusted by, and in words why one is not trusted."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from kg.errors import GraphError

if TYPE_CHECKING:
    from kg.bolt import Connection

_VERIFIED: Final = {"bolt+s": "bolt", "neo4j+s": "neo4j"}
_PORT: Final = 7687
_SECONDS: Final = 5.0


def address(connection: Connection) -> tuple[str, dict[str, Any]]:
    """Return the address for the driver, and its option that says what to trust, if one is needed.

    Raises:
        GraphError: it is no address, or certificates are named for one without them, or cannot be
            read.
    """
    try:
        _ = urlsplit(connection.uri).port
    except ValueError as error:
        raise GraphError(
            f"{connection.uri!r} is no address of a graph server: {error}.",
            remedy="Write NEO4J_URI as bolt://host:port or neo4j+s://host.",
        ) from error
    if connection.ca is None:
        return connection.uri, {}
    scheme, _, rest = connection.uri.partition("://")
    if scheme not in _VERIFIED:
        raise GraphError(
            f"NEO4J_CA names certificates, and {connection.uri} asks the server for none.",
            remedy="Write NEO4J_URI as bolt+s://host:port or neo4j+s://host, or unset NEO4J_CA.",
        )
    return f"{_VERIFIED[scheme]}://{rest}", {"ssl_context": _context(connection)}


def distrust(connection: Connection) -> str:
    """Return why a server's certificate is refused; nothing if it is not, or none is asked for."""
    place = urlsplit(connection.uri)
    if place.scheme not in _VERIFIED:
        return ""
    host = place.hostname or ""
    try:
        with (
            socket.create_connection((host, place.port or _PORT), _SECONDS) as plain,
            _context(connection).wrap_socket(plain, server_hostname=host),
        ):
            return ""
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except ssl.SSLError:
        return "it speaks no TLS there"
    except OSError:
        return ""


def _context(connection: Connection) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=connection.ca)
    except (OSError, ssl.SSLError) as error:
        raise GraphError(
            f"{connection.ca} holds no certificates to trust a server by: {error}.",
            remedy="NEO4J_CA names a file in PEM, with the certificate of the server's authority.",
        ) from error
