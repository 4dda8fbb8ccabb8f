"""Why a file that was sent cannot be read as a table; each message says what to do next."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


class TableRefused(DomainError):
    """The file is not read; nothing of it was kept."""

    code = "table-refused"
    message = _("This file cannot be read as a table. Save it as an Excel workbook (.xlsx) and send it again.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TableEmpty(TableRefused):
    code = "table-empty"
    message = _("This file has no filled rows. Choose the right file, or the right sheet of it.")


class TableTooLarge(TableRefused):
    code = "table-too-large"
    message = _("This file is larger than 60 MB. Divide it into several files and send them one after another.")


class TableUnpacksTooLarge(TableRefused):
    """A zip bomb, or a workbook whose sheets are mostly blank styled cells."""

    code = "table-unpacks-too-large"
    message = _(
        "This workbook becomes far too large when it is opened. Copy only the table into a new workbook and send that."
    )


class TableTooScattered(TableRefused):
    """Reading it took more memory or time than a table of the allowed size needs."""

    code = "table-too-scattered"
    message = _(
        "This workbook is too heavy to read, often because of cells far below or far beside the table. "
        "Copy only the table into a new workbook and send that."
    )


class NotATable(TableRefused):
    code = "not-a-table"
    message = _("This file is not a table, whatever its name says. Send an Excel workbook (.xlsx) or a CSV file.")


class WrongEnding(TableRefused):
    code = "table-wrong-ending"
    message = _(
        "The ending of the file's name does not fit what is in it. "
        "An Excel workbook ends in .xlsx, a text table in .csv: save it again in one of these forms."
    )


class OldWorkbook(TableRefused):
    """The binary .xls of Excel 97-2003."""

    code = "table-old-workbook"
    message = _("This is a workbook of the old form (.xls). Open it in Excel, save it as .xlsx and send that.")


class OtherWorkbook(TableRefused):
    """.ods, .xlsb and their like."""

    code = "table-other-workbook"
    message = _("This kind of workbook is not read here. Open it, save it as .xlsx and send that.")


class WebPageTable(TableRefused):
    """An HTML or XML page that some systems give out under the name of a workbook."""

    code = "table-web-page"
    message = _("This is a web page saved under another name. Open it in Excel, save it as .xlsx and send that.")


class WorkbookEncrypted(TableRefused):
    code = "table-encrypted"
    message = _("This workbook has a password. Save it without one and send it again.")


class WorkbookHasMacros(TableRefused):
    code = "table-macros"
    message = _("This workbook holds a program (macros). Save it as .xlsx without macros and send that.")


class WorkbookDamaged(TableRefused):
    code = "table-damaged"
    message = _("This workbook did not open: it is damaged or cut short. Save it again and send the new file.")


class TextDamaged(TableRefused):
    code = "table-text-damaged"
    message = _("The letters of this file are damaged in places. Save it again as CSV UTF-8 and send that.")


class CellTooLong(TableRefused):
    code = "table-cell-too-long"
    message = _(
        "A cell of this file is longer than 32,000 characters; perhaps a quotation mark is not closed. "
        "Correct it, or send the table as .xlsx."
    )


class TooManyColumns(TableRefused):
    code = "table-too-many-columns"
    message = _("This table has more than 200 columns. Keep only the columns that are needed and send it again.")


class TooManyRows(TableRefused):
    code = "table-too-many-rows"
    message = _("This table has more than 500,000 rows. Divide it into several files and send them one after another.")


class SheetNotThere(TableRefused):
    code = "table-sheet-not-there"
    message = _("The chosen sheet is not in this file. Choose another one.")


class HeadingsNotFound(TableRefused):
    code = "table-headings-not-found"
    message = _(
        "No row of headings was found in the first rows. Write one heading above each column and send the file again."
    )
