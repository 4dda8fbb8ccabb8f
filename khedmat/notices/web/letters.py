"""The texts of letters with their marks, each as a picture; and a family's letter as a file to be printed."""

from base64 import b64encode
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.gate import StaffRequest, page
from khedmat.notices.actions import letter_pdf, note_printing
from khedmat.notices.composing import compose_letter
from khedmat.notices.enums import Language, LetterKind
from khedmat.notices.letter_pdf import render_letter_pictures
from khedmat.notices.models import LetterTemplate
from khedmat.notices.samples import SAMPLES
from khedmat.notices.selectors import published_templates
from khedmat.notices.slots import UnfitValues
from khedmat.notices.web.forms import PrintForm
from khedmat.notices.web.pdf import pdf_response

_ORDER: Final = {language: place for place, language in enumerate(Language)}
_KINDS: Final = {kind: place for place, kind in enumerate(LetterKind)}


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of letter with its texts, in the order of languages."""

    label: str
    version: int
    texts: list[LetterTemplate]


@page(permission=Permission.SEE_ROUND, purpose=Purpose.DAILY_WORK)
@require_safe
def texts_page(request: StaffRequest) -> HttpResponse:
    """Each kind of letter, its languages, and which of them nobody has reviewed."""
    found = sorted(
        published_templates(), key=lambda one: (_KINDS[LetterKind(one.kind)], _ORDER[Language(one.language)])
    )
    rows = []
    for kind, group in groupby(found, key=lambda one: one.kind):
        texts = list(group)
        rows.append(KindRow(str(LetterKind(kind).label), texts[0].version, texts))
    unreviewed = sum(not one.is_reviewed for one in found)
    return render(request, "notices/texts.html", {"rows": rows, "unreviewed": unreviewed, "all": len(found)})


@page(permission=Permission.SEE_ROUND, purpose=Purpose.DAILY_WORK)
@require_safe
def text_page(request: StaffRequest, template_id: UUID) -> HttpResponse:
    """One text, drawn with made-up values as a family would get it."""
    template = LetterTemplate.objects.filter(pk=template_id).first()
    if template is None:
        raise RecordNotVisible
    text = template.text()
    try:
        letter = compose_letter(text.kind, SAMPLES[text.kind], text)
    except UnfitValues as error:
        raise RecordNotVisible from error
    pictures = [b64encode(one).decode("ascii") for one in render_letter_pictures([letter.as_json()])]
    others = sorted((one for one in published_templates() if one.kind == template.kind), key=_place)
    return render(request, "notices/text.html", {"template": template, "pictures": pictures, "others": others})


@page(permission=Permission.READ_LETTER, purpose=Purpose.DAILY_WORK)
@require_POST
def print_page(request: StaffRequest, letter_id: UUID) -> HttpResponse:
    """Count the print, and go on to the file in the language that was asked for."""
    form = PrintForm(request.POST)
    language = form.cleaned_data["language"] if form.is_valid() else Language.FA.value
    note_printing(letter_id, language, by=request.actor)
    return redirect("notices:pdf", letter_id, language)


@page(permission=Permission.READ_LETTER, purpose=Purpose.DAILY_WORK)
@require_safe
def pdf_page(request: StaffRequest, letter_id: UUID, language: str) -> HttpResponse:
    """The letter as a PDF, drawn from what was sent."""
    if language not in Language.values:
        raise RecordNotVisible
    return pdf_response(letter_pdf(letter_id, language, by=request.actor), "letter.pdf")


def _place(template: LetterTemplate) -> tuple[int, int]:
    return _KINDS[LetterKind(template.kind)], _ORDER[Language(template.language)]
