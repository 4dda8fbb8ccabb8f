"""Rows of rounds that the worlds of the consistency and robustness tests hold."""

from django.utils import timezone

from khedmat.casework.actions import enter_case
from khedmat.casework.models import Case
from khedmat.common.actor import Actor
from khedmat.rounds.actions import create_round_version, propose_version, publish_version
from khedmat.rounds.authoring import answer_question, ask_question
from khedmat.rounds.enums import Programme
from khedmat.rounds.models import RoundVersion, VersionMove
from khedmat.rounds.rules import Bilingual, RoundSpec
from khedmat.rounds.selectors import content_of, open_version_of
from khedmat.vault.context import working_context
from tests.cast import Cast


def note_a_move(clerk: Actor, officer: Actor) -> None:
    """One case of the clerk's office stood under another version before."""
    with working_context(officer):
        case = Case.objects.filter(scope_id=clerk.scope_id).order_by("number")[0]
        enter_case(case.pk, by=officer)
        move = VersionMove(
            household_id=case.household_id,
            case=case,
            from_version=case.series_version + 1,
            to_version=case.series_version,
            note="بر پایهٔ بخشنامهٔ روز.",
            moved_at=timezone.now(),
            moved_by=officer.user_id,
        )
        move.save(force_insert=True)


def written_on(cast: Cast, round_code: str) -> RoundVersion:
    """A second version in force, a question of an office with its answer, and a draft of what comes next."""
    manager = cast["manager"]
    with working_context(manager):
        version = open_version_of(round_code, timezone.localdate())
        round_ = version.round
        title = Bilingual(round_.title_fa, round_.title_en)
        spec = RoundSpec(round_.code, Programme(round_.programme), round_.number, title, content_of(version))
        second = propose_version(create_round_version(spec, by=manager).pk, by=manager)
    with working_context(cast["parvin"]):
        publish_version(second.pk, by=cast["parvin"])
    with working_context(cast["shirin"]):
        question = ask_question(round_code, "کدام معرفی‌نامه پذیرفته است؟", by=cast["shirin"])
    with working_context(manager):
        answer_question(question.pk, "معرفی‌نامهٔ هر نهاد حمایتی.", by=manager)
        return create_round_version(spec, by=manager)
