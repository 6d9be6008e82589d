"""Lets a process end when its supervisor does, however the supervisor ends.

The supervisor keeps one end of a pipe, the child reads the other. The kernel closes the supervisor's end even
on kill -9, on every system, and no process between the two is needed.
"""

import os
import signal
import threading
import time

VARIABLE = "IQX_LIFELINE_FD"
_PATIENCE_S = 20  # nobody waits for it, and the last process to leave stops the database


def hold() -> None:
    """In a supervised process: end, gently and then by force, when the supervisor is gone."""
    descriptor = os.environ.pop(VARIABLE, None)
    if descriptor is not None:
        threading.Thread(target=_end_with, args=(int(descriptor),), name="lifeline", daemon=True).start()


def _end_with(descriptor: int) -> None:
    os.read(descriptor, 1)  # returns when the other end is closed: nothing is ever written
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PATIENCE_S)
    os._exit(1)
