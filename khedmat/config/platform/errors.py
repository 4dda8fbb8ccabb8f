"""The one error of the platform: a sentence for the person at the terminal."""


class PlatformError(Exception):
    """Something outside the program is missing or wrong; the text says what, and what to do."""
