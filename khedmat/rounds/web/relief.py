"""Exemptions and payment in parts: the clerk's request, the manager's list and decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.casework.actions import enter_case
from khedmat.casework.errors import StepNotPossible
from khedmat.casework.models import Case, PaperCheck
from khedmat.common.errors import DomainError
from khedmat.common.fields import PlainTextField
from khedmat.common.text import uuid_of
from khedmat.files.enums import MediaType
from khedmat.files.errors import FileRefused
from khedmat.files.inspect import read_capped
from khedmat.rounds.enrolment import note_case_read
from khedmat.rounds.enums import ReliefKind
from khedmat.rounds.errors import ReliefAlreadyDecided, ReliefNotFound
from khedmat.rounds.relief import ask_relief, content_of_case, decline_relief, grant_relief, waiting_relief
from khedmat.rounds.rules import VersionSpec
from khedmat.rounds.web.case_parts import words_of
from khedmat.rounds.web.drafts import RELIEF, sent, shown_draft
from khedmat.rounds.web.relief_parts import ReliefParts, ReliefRow, relief_parts

PAPER = "paper-"
PAPER_TYPES = "image/jpeg,image/png,image/webp,application/pdf"
BY_MANAGER = page(permission=Permission.DECIDE_EXEMPTION, purpose=Purpose.RUN_OFFICE)
GRANT, DECLINE = "grant", "decline"


@dataclass(frozen=True, slots=True)
class ShownPaper:
    """A paper that belongs to a request, as the manager looks at it."""

    title: str
    file_id: UUID
    is_pdf: bool


class AskReliefForm(forms.Form):
    """What the family asks for, of the round's list; a picture for each paper that the list names."""

    use_required_attribute = False

    choice = forms.ChoiceField()
    reason = PlainTextField(
        max_length=1000,
        multiline=True,
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("In the family's words. The manager decides by it; the family may read it."),
        error_messages={"required": gettext_lazy("Write why, in one or two sentences.")},
    )

    def __init__(self, *args: Any, content: VersionSpec, **options: Any) -> None:
        super().__init__(*args, **options)
        self.specs = {f"{ReliefKind.EXEMPTION}:{one.code}": one for one in content.exemptions}
        choices = [(key, words_of(one.title)) for key, one in self.specs.items()]
        choices += [(f"{ReliefKind.INSTALMENTS}:{one.code}", words_of(one.title)) for one in content.instalments]
        missing = gettext_lazy("Choose what the family asks for.")
        self.fields["choice"] = forms.ChoiceField(
            label=gettext_lazy("What the family asks for"),
            widget=forms.RadioSelect,
            choices=choices,
            error_messages={"required": missing, "invalid_choice": missing},
        )
        titles = {one.code: words_of(one.title) for one in content.documents}
        for code in dict.fromkeys(code for one in content.exemptions for code in one.papers):
            self.fields[f"{PAPER}{code}"] = forms.FileField(
                required=False,
                label=titles.get(code, code),
                help_text=gettext_lazy("A photograph, a scan or a PDF. Needed for an exemption."),
                widget=forms.FileInput(attrs={"accept": PAPER_TYPES}),
            )

    @property
    def paper_fields(self) -> list[forms.BoundField]:
        """The fields of the papers."""
        return [self[name] for name in self.fields if name.startswith(PAPER)]

    def papers(self) -> dict[str, bytes]:
        """Pictures by the paper's code. Errors: FileRefused, which names its field."""
        return {
            name.removeprefix(PAPER): read_capped(file, name)
            for name, file in self.cleaned_data.items()
            if name.startswith(PAPER) and file is not None
        }

    def refuse(self, error: DomainError) -> None:
        """Put a fact that stopped the request beside its field."""
        spec = self.specs.get(self.cleaned_data.get("choice", ""))
        field = error.field
        if (field == "paper" or isinstance(error, FileRefused)) and field not in self.fields and spec and spec.papers:
            field = f"{PAPER}{spec.papers[0]}"
        self.add_error(field if field in self.fields else None, str(error))


class DecideReliefForm(forms.Form):
    """The manager's word on one request. Nothing is chosen beforehand."""

    use_required_attribute = False
    ways: ClassVar = [(GRANT, gettext_lazy("Grant it")), (DECLINE, gettext_lazy("Do not grant it"))]

    decision = forms.ChoiceField(
        label=gettext_lazy("Your decision"),
        widget=forms.RadioSelect,
        choices=ways,
        error_messages={
            "required": gettext_lazy("Choose one of these."),
            "invalid_choice": gettext_lazy("Choose one of these."),
        },
    )
    reason = PlainTextField(
        max_length=1000,
        multiline=True,
        label=gettext_lazy("Reason"),
        error_messages={"required": gettext_lazy("Write the reason. The family reads the same words.")},
    )

    def __init__(self, data: QueryDict | None = None, *, request_id: UUID) -> None:
        super().__init__(data, prefix=f"r{request_id.hex}")


@page(permission=Permission.TAKE_APPLICATION, purpose=Purpose.TAKE_APPLICATION)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_page(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Ask for an exemption of the round's list, or to pay in parts, with the papers."""
    case = enter_case(case_id, by=request.actor)
    content = content_of_case(case)
    if case.closed_at is not None or not (content.exemptions or content.instalments):
        raise StepNotPossible
    is_sent = request.method == "POST"
    form = AskReliefForm(request.POST, request.FILES, content=content) if is_sent else AskReliefForm(content=content)
    if is_sent and form.is_valid():
        kind, _colon, code = form.cleaned_data["choice"].partition(":")
        try:
            ask_relief(case_id, ReliefKind(kind), code, form.cleaned_data["reason"], form.papers(), by=request.actor)
        except (FileRefused, DomainError) as error:
            if isinstance(error, DomainError) and error.field is None:
                raise
            form.refuse(error)
        else:
            sent(request, case_id, RELIEF)
            messages.success(request, _("The request is with the office manager. The case goes on meanwhile."))
            return redirect(f"{reverse('rounds:case', args=[case_id])}#relief")
    context = {"case": case, "form": form, "draft": shown_draft(request, case, RELIEF)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
    return render(request, "rounds/ask_relief.html", context, status=status)


@BY_MANAGER
@require_safe
def queue_page(request: StaffRequest) -> HttpResponse:
    """Cases of this office with requests that wait for the manager: numbers, no names."""
    return render(request, "rounds/relief_queue.html", {"rows": waiting_relief()})


@BY_MANAGER
@require_http_methods(["GET", "HEAD", "POST"])
def decide_page(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """The requests of one case with papers and bill; a POST decides the one that it names."""
    case = enter_case(case_id, by=request.actor)
    content = content_of_case(case)
    relief = relief_parts(case, content)
    if request.method != "POST":
        return _show(request, case, content, relief)
    row = _named(relief, request.POST.get("request", ""))
    form = DecideReliefForm(request.POST, request_id=row.request.pk)
    if not form.is_valid():
        return _show(request, case, content, relief, bound={row.request.pk: form})
    act = grant_relief if form.cleaned_data["decision"] == GRANT else decline_relief
    try:
        act(row.request.pk, form.cleaned_data["reason"], by=request.actor)
    except ReliefAlreadyDecided as error:
        messages.info(request, str(error))
    else:
        messages.success(request, _("Your decision is kept. The family reads your words."))
    return redirect("rounds:relief", case_id)


def _named(relief: ReliefParts, sent: str) -> ReliefRow:
    row = next((one for one in relief.rows if one.request.pk == uuid_of(sent)), None)
    if row is None:
        raise ReliefNotFound
    return row


def _show(
    request: StaffRequest,
    case: Case,
    content: VersionSpec,
    relief: ReliefParts,
    *,
    bound: Mapping[UUID, DecideReliefForm] | None = None,
) -> HttpResponse:
    note_case_read(case, by=request.actor)
    bound = bound or {}
    forms_by_row = [
        (row, bound.get(row.request.pk) or DecideReliefForm(request_id=row.request.pk) if row.is_open else None)
        for row in relief.rows
    ]
    context = {"case": case, "relief": relief, "rows": forms_by_row, "papers": _papers(case, content)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if bound else HTTPStatus.OK
    return render(request, "rounds/relief.html", context, status=status)


def _papers(case: Case, content: VersionSpec) -> Sequence[ShownPaper]:
    wanted = {code for one in content.exemptions for code in one.papers}
    titles = {one.code: words_of(one.title) for one in content.documents}
    checks = PaperCheck.objects.filter(case=case, document_code__in=wanted, file__isnull=False).select_related("file")
    return [
        ShownPaper(titles.get(one.document_code, one.document_code), one.file_id, one.file.media_type == MediaType.PDF)
        for one in checks
        if one.file is not None and one.file_id is not None
    ]
