"""Kinds used for likely duplicates. How alike two people are is said in words: a number would pass for a proof."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Strength(TextChoices):
    """How much speaks for one person; set from the bits of evidence (matching/model.py)."""

    VERY_STRONG = "very_strong", _("Nearly everything agrees")
    STRONG = "strong", _("Much agrees")
    FAIR = "fair", _("Some things agree")


class PairState(TextChoices):
    """What has become of a pair."""

    OPEN = "open", _("Waits for an answer")
    PAPERS = "papers", _("Papers are asked for")
    DIFFERENT = "different", _("Two different people")
    SAME = "same", _("The same person")


class Verdict(TextChoices):
    """What a human says of a pair."""

    SAME_PERSON = "same_person", _("The same person")
    DIFFERENT = "different", _("Two different people")
    ASK_FOR_PAPERS = "ask_for_papers", _("Papers asked for")


class RunState(TextChoices):
    """How far a search has come."""

    WAITING = "waiting", _("Waits for its turn")
    RUNNING = "running", _("Is under way")
    DONE = "done", _("Has ended")
    FAILED = "failed", _("Could not be finished")
