"""The known cast of tests: the demo's own (khedmat.config.demo.staff), with a password for tests."""

from khedmat.config.demo.staff import LONG_AGO, OFFICES, STAFF, Cast
from khedmat.config.demo.staff import make_cast as _make_cast

PASSWORD = "a long test passphrase 1405"

__all__ = ["LONG_AGO", "OFFICES", "PASSWORD", "STAFF", "Cast", "make_cast"]


def make_cast() -> Cast:
    """Three offices in two provinces, and their staff."""
    return _make_cast(PASSWORD)
