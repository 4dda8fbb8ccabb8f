"""What is stored, in which format, and how long."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class MediaType(TextChoices):
    """A format this house accepts; its value is the MIME type sent to the browser."""

    JPEG = "image/jpeg", _("JPEG picture")
    PNG = "image/png", _("PNG picture")
    WEBP = "image/webp", _("WebP picture")
    PDF = "application/pdf", _("PDF document")
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _("Excel workbook")
    CSV = "text/csv", _("CSV table")


class FileKind(TextChoices):
    """What a household's file is for."""

    PAPER = "paper", _("Paper")
    PORTRAIT = "portrait", _("Portrait")
    CARD_PDF = "card_pdf", _("Card for printing")


class ScopedFileKind(TextChoices):
    """What a place's file is for."""

    PRINT_BATCH = "print_batch", _("Batch of cards for printing")
    IMPORT = "import", _("Table to be imported")


class Retention(TextChoices):
    """The retention rule a file ends by; the same codes as in `PersonalField.retention`."""

    CASE = "case", _("As long as the case is kept")
    REGISTER = "register", _("As long as the person is in the register")
    PRINT = "print", _("Until the card is handed over")
    IMPORT = "import", _("Until seven days after the import ended")
