"""Rounds as everybody who works with them reads them, and the extension of their cards."""

from datetime import date
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.rules import role_may
from khedmat.cards.actions import extend_validity
from khedmat.cards.errors import ExtensionNotLater, NoticeAlreadyUsed
from khedmat.cards.models import ValidityExtension
from khedmat.cards.selectors import extensions_of
from khedmat.common.jalali import format_date
from khedmat.rounds.enums import Certainty, Each
from khedmat.rounds.errors import RoundNotFound
from khedmat.rounds.known import version_with_content
from khedmat.rounds.models import RoundVersion
from khedmat.rounds.rules import VersionSpec
from khedmat.rounds.rules.evaluation import PLACEHOLDER
from khedmat.rounds.selectors import closed_rounds, closing_of, published_versions_of, versions_in_force
from khedmat.rounds.web.case_parts import words_of
from khedmat.rounds.web.forms import ExtensionForm

CERTAINTY_TONES = {
    Certainty.SOURCE: "ok",
    Certainty.INFERRED: "info",
    Certainty.CONFLICTING: "warn",
    Certainty.DEMO: "mute",
}


@page(permission=Permission.SEE_ROUND, purpose=Purpose.DAILY_WORK)
@require_safe
def list_page(request: StaffRequest) -> HttpResponse:
    """The published rounds."""
    today = timezone.localdate()
    ended = closed_rounds()
    rows = [(version, *_standing(version, today, ended.get(version.round_id))) for version in versions_in_force()]
    return render(
        request, "rounds/list.html", {"rows": rows, "may_write": role_may(request.actor.role, Permission.WRITE_ROUND)}
    )


@page(permission=Permission.SEE_ROUND, purpose=Purpose.DAILY_WORK)
@require_safe
def round_page(request: StaffRequest, code: str) -> HttpResponse:
    """One round: what it asks, what it costs, where each of it comes from."""
    return _show(request, code)


@page(permission=Permission.EXTEND_VALIDITY, purpose=Purpose.RUN_ROUND)
@require_http_methods(["GET", "HEAD", "POST"])
def extend_page(request: StaffRequest, code: str) -> HttpResponse:
    """Extend the round's cards by a notice: what will stand is shown first."""
    versions, extensions = _round(code)
    until = _valid_until(versions[0], extensions)
    form = ExtensionForm(request.POST if request.method == "POST" else None, valid_until=until)
    if request.method != "POST" or not form.is_valid():
        return _show(request, code, form)
    values = form.cleaned_data
    if "confirmed" not in request.POST:
        rows = [
            (
                _("Cards valid until"),
                format_date(until, get_language() or "fa", "long"),
                format_date(values["until_on"], get_language() or "fa", "long"),
            )
        ]
        context = {"version": versions[0], "form": form, "values": values, "rows": rows, "sent": _sent(request)}
        return render(request, "rounds/extend.html", context)
    try:
        extend_validity(series=code, by=request.actor, **values)
    except (ExtensionNotLater, NoticeAlreadyUsed) as error:
        form.refuse(error)
        return _show(request, code, form)
    messages.success(request, _("The extension holds from now on. Anyone who checks a card sees it."))
    return redirect("rounds:round", code)


def _show(request: StaffRequest, code: str, form: ExtensionForm | None = None) -> HttpResponse:
    versions, extensions = _round(code)
    version, content = version_with_content(code, versions[0].version)
    until = _valid_until(version, extensions)
    may_extend = role_may(request.actor.role, Permission.EXTEND_VALIDITY)
    closing = closing_of(version.round)
    context = {
        "version": version,
        "standing": _standing(version, timezone.localdate(), closing.on if closing else None),
        "closing": closing,
        "may_close": role_may(request.actor.role, Permission.WRITE_ROUND),
        "circular_source": words_of(content.circular_source),
        "rules": _rules(content),
        "documents": _documents(content),
        "tariff": _tariff(content),
        "versions": versions,
        "extensions": extensions,
        "valid_until": until,
        "may_see_cockpit": role_may(request.actor.role, Permission.SEE_COCKPIT),
        "form": form or (ExtensionForm(valid_until=until) if may_extend else None),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None and form.is_bound else HTTPStatus.OK
    return render(request, "rounds/round.html", context, status=status)


def _round(code: str) -> tuple[list[RoundVersion], list[ValidityExtension]]:
    versions = list(published_versions_of(code))
    if not versions:
        raise RoundNotFound
    return versions, list(extensions_of(code))


def _valid_until(version: RoundVersion, extensions: list[ValidityExtension]) -> date:
    return max([version.card_valid_until, *(one.until_on for one in extensions)])


def _standing(version: RoundVersion, today: date, closed_on: date | None) -> tuple[str, str]:
    """Tone and words of where the round stands today."""
    if closed_on is not None:
        return "mute", closed_words(closed_on)
    if today < version.opens_on:
        return "info", _("Not open yet")
    if today > version.closes_on:
        return "mute", pgettext("of a round", "Closed")
    return "ok", _("Takes applications")


def closed_words(day: date) -> str:
    """That a round was closed, and when, in the reader's calendar."""
    return _("Closed on %(day)s") % {"day": format_date(day, get_language() or "fa", "long")}


def _sent(request: StaffRequest) -> list[tuple[str, str]]:
    """The form's values as they were sent, to be sent again with the confirmation."""
    return [(name, str(value)) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"]


def _certainty(certainty: str) -> tuple[str, str]:
    return CERTAINTY_TONES[Certainty(certainty)], str(Certainty(certainty).label)


def _pattern(sentence: str) -> str:
    """A rule's sentence without a member: where a fact would stand, three dots."""
    return PLACEHOLDER.sub("…", sentence).replace("….", "…")


def _rules(content: VersionSpec) -> list[dict[str, object]]:
    return [
        {
            "title": words_of(rule.title),
            "met": _pattern(words_of(rule.sentence_met)),
            "unmet": _pattern(words_of(rule.sentence_unmet)),
            "source": words_of(rule.source),
            "certainty": _certainty(rule.certainty),
        }
        for rule in content.rules
    ]


def _documents(content: VersionSpec) -> list[dict[str, object]]:
    return [
        {
            "title": words_of(one.title),
            "each": str(Each(one.each).label),
            "source": words_of(one.source),
            "certainty": _certainty(one.certainty),
        }
        for one in content.documents
    ]


def _tariff(content: VersionSpec) -> list[dict[str, object]]:
    return [
        {
            "title": words_of(line.title),
            "each": str(Each(line.each).label),
            "amount": line.amount_rial,
            "source": words_of(line.source),
            "certainty": _certainty(line.certainty),
        }
        for line in content.tariff
    ]
