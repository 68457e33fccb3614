"""Waiting for conditions, never for times."""
import time

PATIENCE_S = 10.0
patience_factor = 1.0  # raised for sanitizer builds, which are several times slower


def patience(seconds=PATIENCE_S):
    return seconds * patience_factor


def wait_until(condition, what, timeout=PATIENCE_S, check=None):
    """The first true value of condition(). check() runs between tries and raises when waiting on is in vain."""
    end = time.monotonic() + patience(timeout)
    while True:
        value = condition()
        if value:
            return value
        if check:
            check()
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience(timeout):g} s in vain for {what}")
        time.sleep(0.01)
