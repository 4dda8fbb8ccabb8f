"""Kinds the engine decides between."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TableForm(StrEnum):
    """What the content of a file is, whatever its name says."""

    XLSX = "xlsx"
    CSV = "csv"


class DateOrder(TextChoices):
    """How the dates of one column are written. AMBIGUOUS: nothing decides; MIXED: both orders occur."""

    YEAR_FIRST = "year_first", _("Year first: 95/1/25")
    DAY_FIRST = "day_first", _("Day first: 25/1/95")
    AMBIGUOUS = "ambiguous", _("Nothing in this column decides it")
    MIXED = "mixed", _("Both orders occur in this column")


class DateKind(StrEnum):
    """What a date stands for: decides the century of two-digit years, and what is possible."""

    BIRTH = "birth"
    ISSUE = "issue"
    EXPIRY = "expiry"


class RunState(TextChoices):
    """Where a file stands on its way in."""

    UPLOADED = "uploaded", _("Uploaded")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    IMPORTING = "importing", _("Being imported")
    PAUSED = "paused", _("Paused")
    DONE = "done", _("Imported")
    FAILED = "failed", _("Stopped by a fault")
    CANCELLED = "cancelled", _("Cancelled")


class RowOutcome(TextChoices):
    """What becomes of a row: each row read is exactly one of these."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    REFUSED = "refused", _("Refused")
