"""The process of the embedded graph: `python -m kg.embedded_server FOLDER BOLT HTTP HEAP`.

Started by `kg.embedded`, stopped by SIGTERM. The password comes from the folder, never from the
command line, which other users can see.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from arcadedb_embedded import create_server
from arcadedb_embedded.jvm import start_jvm

from kg.embedded import Folder, write_state

# Idle memory goes back, but for a floor: without one, a small graph's heap leaves so little room
# for the rows of a query that collecting them takes nearly half of the time.
_MEMORY = [
    "-XX:+UseG1GC",
    "-Xms512m",
    "-XX:G1PeriodicGCInterval=30000",
    "-XX:MinHeapFreeRatio=10",
    "-XX:MaxHeapFreeRatio=25",
]


def serve(folder: Folder, bolt_port: int, http_port: int, heap: str) -> None:
    """Serve the databases of a folder until SIGTERM."""
    start_jvm(heap_size=heap, jvm_args=_MEMORY)
    server = create_server(
        str(folder.path),
        folder.password.read_text(encoding="ascii"),
        config={
            "mode": "production",
            "host": "127.0.0.1",
            "http_port": http_port,
            "bolt_port": bolt_port,
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        },
    )
    asked_to_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: asked_to_stop.set())
    server.start()
    try:
        write_state(folder, bolt_port, http_port)
        while not asked_to_stop.wait(1.0):
            pass
    finally:
        folder.state.unlink(missing_ok=True)
        server.stop()


if __name__ == "__main__":
    serve(Folder(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    # All databases are closed. Leaving as usual would wait for the thread of a client that has not
    # read its rows to the end, for ever.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
