"""Wait for what a server does in its own time."""

import time
from collections.abc import Callable

SECONDS = 20


def eventually(happens: Callable[[], bool]) -> bool:
    """Say whether something is so within some seconds."""
    give_up = time.monotonic() + SECONDS
    while not (so := happens()) and time.monotonic() < give_up:
        time.sleep(0.01)
    return so
