"""Stopping a run by hand: the first signal is heard at the next safe point, the second at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_HINT: Final = b"\nStopping at the next safe point. Ctrl-C again stops at once.\n"


@contextmanager
def stopped_by_signals(*, quiet: bool) -> Iterator[Callable[[], bool]]:
    """Yield what tells whether Ctrl-C was pressed, or SIGTERM sent, within the block.

    An exception out of a signal handler lands anywhere, also in a library's clean-up, where it is
    lost or breaks a connection's state. So the first signal only asks: whoever works looks
    now and then, and stops. The second signal raises.

    Args:
        quiet: do not say that the wish was heard.

    Raises:
        KeyboardInterrupt: at the second signal.
    """
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        if not quiet:
            os.write(2, _HINT)

    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
