"""What a keeper sends and says on the pages of imports."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khedmat.common.errors import DomainError
from khedmat.common.fields import PlainTextField
from khedmat.common.text import fold_for_search
from khedmat.imports.actions import clean_file_name
from khedmat.imports.checking import look_at
from khedmat.imports.errors import TableEmpty, TableTooLarge
from khedmat.imports.kinds import ImportKind
from khedmat.imports.models import Source
from khedmat.imports.reading import MAX_BYTES
from khedmat.imports.run_errors import SourceNeedsName

LONGEST_SHEET: Final = 80
_OPTION: Final = "option_"
NEW: Final = "new"


class SentTable(forms.FileField):
    """A file that can be read as a table; the value is its content, `name` its file's name."""

    default_error_messages = {
        "required": gettext_lazy("Choose the file that you bring in."),
        "invalid": gettext_lazy("The file did not arrive whole. Choose it again."),
        "missing": gettext_lazy("The file did not arrive whole. Choose it again."),
        "empty": TableEmpty.message,
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}), **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        sent = super().clean(data, initial)
        if not isinstance(sent, UploadedFile):
            return None
        try:
            if (sent.size or 0) > MAX_BYTES:
                raise TableTooLarge
            content, name = sent.read(), clean_file_name(sent.name or "")
            look_at(content, name)
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from error
        return content, name


class KnownSource(forms.ChoiceField):
    """The id of a known source, or `new`; nothing chosen is a new one too."""

    def to_python(self, value: Any) -> str:
        return super().to_python(value) or NEW


class UploadForm(forms.Form):
    """A file, whose it is, and what its kind wants to know beside it (`option_…`)."""

    table = SentTable(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "An Excel workbook (.xlsx) or a text table (.csv), up to 60 MB and 500,000 rows. "
            "The order and the spelling of its columns do not matter."
        ),
    )
    source = KnownSource(
        label=gettext_lazy("Source"),
        help_text=gettext_lazy("The office or system that the file comes from. Its headings are remembered."),
        error_messages={"invalid_choice": gettext_lazy("Choose one of the sources shown, or name a new one.")},
    )
    source_name = PlainTextField(
        max_length=80,
        required=False,
        label=gettext_lazy("Name of a new source"),
        help_text=gettext_lazy(
            "For instance: last round's register of Shahriar. It is taken instead of the one above."
        ),
    )

    use_required_attribute = False

    def __init__(self, *args: Any, kind: ImportKind, sources: Sequence[Source], **options: Any) -> None:
        super().__init__(*args, **options)
        self.sources = {str(source.pk): source for source in sources}
        if sources:
            field = self.fields["source"]
            assert isinstance(field, KnownSource)  # noqa: S101 - for the type alone
            known = [(key, source.name) for key, source in self.sources.items()]
            field.choices = [*known, (NEW, _("A new source, named below"))]
        else:
            del self.fields["source"]
            name = self.fields["source_name"]
            name.required, name.label = True, _("Source")
            name.error_messages["required"] = str(SourceNeedsName.message)
            name.help_text = _(
                "Name the office or system that the file comes from, for instance: last round's register of "
                "Shahriar. Its headings are remembered."
            )
        for option, asked in kind.options_form().fields.items():
            self.fields[_OPTION + option] = asked

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors.keys() & {"source", "source_name"}:
            chosen, typed = self.sources.get(cleaned.get("source", "")), cleaned.get("source_name", "")
            # The list stands at a source from the start; a name that was typed is what was meant.
            named = typed or (chosen.name if chosen else "")
            if not fold_for_search(named):
                self.add_error("source_name", SourceNeedsName.message)
            cleaned["source_named"] = named
        return cleaned

    @property
    def options(self) -> dict[str, str]:
        """What the kind asked for, by its own names."""
        return {
            name.removeprefix(_OPTION): str(value)
            for name, value in self.cleaned_data.items()
            if name.startswith(_OPTION)
        }

    def option_fields(self) -> list[BoundField]:
        """The fields that the kind added."""
        return [self[name] for name in self.fields if name.startswith(_OPTION)]


class StepForm(forms.Form):
    """What the keeper does with a run."""

    CHECK: Final = "check"
    IMPORT: Final = "import"
    PAUSE: Final = "pause"
    CANCEL: Final = "cancel"

    step = forms.ChoiceField(choices=[(one, one) for one in (CHECK, IMPORT, PAUSE, CANCEL)], widget=forms.HiddenInput)


class SheetForm(forms.Form):
    """Which sheet of the workbook."""

    sheet = PlainTextField(max_length=LONGEST_SHEET, required=False, widget=forms.HiddenInput)


def sheet_asked(data: Mapping[str, Any]) -> str:
    """The sheet that an address or a form names; empty where it names none that could be."""
    form = SheetForm(data)
    return str(form.cleaned_data["sheet"]) if form.is_valid() else ""
