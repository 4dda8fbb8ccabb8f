"""A case's letters: written, written again in another language, told of, printed; and a slip with a code."""

from base64 import b64encode
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.casework.models import Case
from khedmat.notices.actions import make_letter_again
from khedmat.notices.enums import Channel, Language, LetterKind, MessageKind
from khedmat.notices.errors import LetterNotThere
from khedmat.notices.gateways import is_offered
from khedmat.notices.letter_pdf import render_letter_pictures
from khedmat.notices.models import Letter
from khedmat.notices.selectors import letter_of, letters_of
from khedmat.notices.sending import queue_message
from khedmat.notices.slips import make_slip, slip_pages
from khedmat.notices.slots import words
from khedmat.rounds.appealing import open_to_lodge
from khedmat.rounds.enrolment import CASE_TYPE, note_case_read
from khedmat.rounds.errors import LetterNotPossible
from khedmat.rounds.letters import CaseLetters, make_case_letter, write_waiting_letters

WITH_LETTERS: Final = page(permission=Permission.READ_LETTER, purpose=Purpose.DAILY_WORK)


class LanguageForm(forms.Form):
    """In which language the family reads."""

    language = forms.ChoiceField(choices=Language.choices, label=gettext_lazy("The family's language"))


class NewLetterForm(LanguageForm):
    """Which letter, and in which language. The kinds are those that the case allows just now."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Letter"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a letter."), "invalid_choice": LetterNotPossible.message},
    )
    field_order = ("kind", "language")
    use_required_attribute = False

    def __init__(self, *args: Any, kinds: list[LetterKind], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type alone
        field.choices = [(kind.value, kind.label) for kind in kinds]


@WITH_LETTERS
@require_http_methods(["GET", "HEAD", "POST"])
def letters_page(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """The letters of a case, and what else it can be written about today."""
    case = open_to_lodge(case_id, by=request.actor)
    if "waiting" in request.POST:
        return _write_waiting(request, case)
    about = CaseLetters(case, timezone.localdate())
    if request.method != "POST":
        return _show(request, about)
    form = NewLetterForm(request.POST, kinds=about.kinds())
    if not form.is_valid():
        return _show(request, about, form, status=422)
    made = make_case_letter(
        case_id, LetterKind(form.cleaned_data["kind"]), form.cleaned_data["language"], by=request.actor
    )
    messages.success(request, _("Letter %(number)s is written. Print it for the family.") % {"number": made.number})
    return redirect("rounds:letters", case_id)


def _write_waiting(request: StaffRequest, case: Case) -> HttpResponse:
    """Write the letters that could not be written when what they tell of happened."""
    written = write_waiting_letters(case, by=request.actor)
    if written:
        messages.success(request, _("What waited is written. Print it for the family."))
    else:
        messages.warning(request, _("Nothing was written: a published text is missing, or nothing waits any more."))
    return redirect("rounds:letters", case.pk)


@WITH_LETTERS
@require_POST
def again(request: StaffRequest, case_id: UUID, letter_id: UUID) -> HttpResponse:
    """The same letter in another language."""
    open_to_lodge(case_id, by=request.actor)
    letter = _letter_of_case(case_id, letter_id)
    form = LanguageForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a language first. Nothing was written."))
        return redirect("rounds:letters", case_id)
    made = make_letter_again(letter.pk, form.cleaned_data["language"], by=request.actor)
    messages.success(request, _("Letter %(number)s is written. Print it for the family.") % {"number": made.number})
    return redirect("rounds:letters", case_id)


@WITH_LETTERS
@require_POST
def tell(request: StaffRequest, case_id: UUID, letter_id: UUID) -> HttpResponse:
    """An SMS that a letter waits, with the code of a new slip and nothing of what the letter says."""
    case = open_to_lodge(case_id, by=request.actor)
    letter = _letter_of_case(case_id, letter_id)
    phone = case.household.phone
    if not phone:
        messages.warning(request, _("No telephone of this family is known. Print a slip with a code for it."))
        return redirect("rounds:letters", case_id)
    _slip, code = make_slip(CASE_TYPE, case.pk, case.household_id, by=request.actor)
    queued = queue_message(
        MessageKind.LETTER_WAITING,
        case.household_id,
        case.scope,
        channel=Channel.SMS,
        destination=phone,
        language=letter.language,
        key=f"letter:{letter.pk}",
        code=code,
        by=request.actor,
    )
    if queued is None:
        messages.info(request, _("The family was told of this letter already. Nothing was sent a second time."))
    else:
        messages.success(request, _("The SMS goes out at the next allowed time. It says nothing of the letter."))
    return redirect("rounds:letters", case_id)


@WITH_LETTERS
@require_POST
def slip(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """A new slip, to be printed from this page: its code is shown this once, since only its digest is kept."""
    case = open_to_lodge(case_id, by=request.actor)
    form = LanguageForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a language first. Nothing was written."))
        return redirect("rounds:letters", case_id)
    made, code = make_slip(CASE_TYPE, case.pk, case.household_id, by=request.actor)
    office = words(case.scope.name_fa, **({"en": case.scope.name_en} if case.scope.name_en else {}))
    pages = slip_pages(made, code, office, form.cleaned_data["language"])
    pictures = [b64encode(one).decode("ascii") for one in render_letter_pictures(pages, pixels_per_inch=220)]
    return render(request, "rounds/slip.html", {"case": case, "pictures": pictures})


def _letter_of_case(case_id: UUID, letter_id: UUID) -> Letter:
    letter = letter_of(letter_id)
    if (letter.subject_kind, letter.subject_id) != (CASE_TYPE, case_id):
        raise LetterNotThere
    return letter


def _show(
    request: StaffRequest, about: CaseLetters, form: NewLetterForm | None = None, status: int = 200
) -> HttpResponse:
    case = about.case
    note_case_read(case, by=request.actor)
    letters = letters_of(CASE_TYPE, case.pk)
    kinds = about.kinds()
    last = {"language": letters[0].language} if letters else {}
    context = {
        "case": case,
        "form": form or NewLetterForm(kinds=kinds, initial=last),
        "has_kinds": bool(kinds),
        "waiting": [kind.label for kind in about.waiting({letter.key for letter in letters})],
        "rows": [(letter, _copies(letter)) for letter in letters],
        "languages": Language.choices,
        "can_tell": is_offered(Channel.SMS),
        "is_counter": request.actor.role == "clerk",
    }
    return render(request, "rounds/letters.html", context, status=status)


def _copies(letter: Letter) -> list[tuple[str, str]]:
    """The languages in which a letter can be printed, the family's first."""
    return [(one, str(Language(one).label)) for one in dict.fromkeys((letter.language, Language.FA.value))]
