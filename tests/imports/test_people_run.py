"""A file of people from its arrival to the register: counted, corrected, sent again, never undoing a decision."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from khedmat.accounts.errors import RecordNotVisible
from khedmat.imports import staging
from khedmat.imports.actions import cancel_import, import_next_chunk, pause_import, start_import
from khedmat.imports.enums import RowOutcome
from khedmat.imports.kinds import Against, Settled
from khedmat.imports.models import Run
from khedmat.imports.run_errors import AnotherImportRuns, RunAtOtherStep, RunNotThere
from khedmat.imports.selectors import refused_rows, run_of
from khedmat.registry.actions import look_up, open_hit
from khedmat.registry.enums import Way
from khedmat.registry.models import Household, Person, Question
from khedmat.registry.provenance import note_values
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.imports.registers import FAMILY, HEAD, SON, WIFE, Acting, bring_in, check, finish, send, table

pytestmark = pytest.mark.django_db


def counts(new: int = 0, changed: int = 0, unchanged: int = 0, refused: int = 0, questions: int = 0) -> dict[str, int]:
    read = new + changed + unchanged + refused
    return {
        "read": read, "new": new, "changed": changed, "unchanged": unchanged, "refused": refused, "questions": questions
    }  # fmt: skip


def opened(number: str, cast: Cast, acting: Acting) -> Household:
    """The family of a card that is presented at the counter in Shahriar."""
    clerk = cast["narges"]
    with acting(clerk):
        household = open_hit(look_up(number=number, by=clerk).look_up_id, 1, by=clerk)
        return Household.objects.prefetch_related("members__documents").get(pk=household)


def test_family_arrives_whole(cast: Cast, acting: Acting) -> None:
    assert bring_in(table(FAMILY), cast["daftari"], acting) == counts(new=3)
    with acting(cast["narges"]):
        family = opened("17440000012", cast, acting)
        members = list(family.members.all())
        assert [member.relation for member in members] == ["head", "spouse", "son"]
        assert (family.code, family.postal_code, family.phone) == ("خ-1", "3351634871", "+989121234567")
        assert family.county is not None
        assert family.county.name_fa == "شهریار"
        assert members[0].nationality == "AFG"
        assert {(one.kind, one.number, one.series) for one in members[0].documents.all()} == {
            ("amayesh_card", "17440000011", "amayesh-17"),
            ("fida_code", "110000000011", ""),
        }


def test_same_file_twice_changes_nothing(cast: Cast, acting: Acting) -> None:
    bring_in(table(FAMILY), cast["daftari"], acting)
    assert bring_in(table(FAMILY), cast["daftari"], acting) == counts(unchanged=3)


def test_check_alone_writes_nothing(cast: Cast, acting: Acting, as_migrator: Any) -> None:
    run = check(table(FAMILY), cast["daftari"], acting)
    assert (run.rows_read, run.rows_new) == (3, 3)
    with acting(cast["narges"]):
        assert look_up(number="17440000011", by=cast["narges"]).hits == ()


def test_later_file_changes_what_a_file_said(cast: Cast, acting: Acting) -> None:
    bring_in(table(FAMILY), cast["daftari"], acting)
    later = (HEAD | {"address": "شهریار، خیابان سعدی"}, WIFE, SON | {"birth_on": "1394/07/11"})
    assert bring_in(table(later), cast["daftari"], acting) == counts(changed=2, unchanged=1)
    with acting(cast["narges"]):
        family = opened("17440000011", cast, acting)
        assert family.address == "شهریار، خیابان سعدی"
        assert str(family.members.get(relation="son").birth_on) == "2015-10-03"


def test_blank_cell_blanks_nothing(cast: Cast, acting: Acting) -> None:
    bring_in(table(FAMILY), cast["daftari"], acting)
    bare = [row | {"address": "", "phone": "", "valid_until": ""} for row in FAMILY]
    assert bring_in(table(bare), cast["daftari"], acting) == counts(unchanged=3)


def test_decided_value_becomes_a_question(cast: Cast, acting: Acting) -> None:
    keeper, clerk = cast["daftari"], cast["narges"]
    bring_in(table(FAMILY), keeper, acting)
    with acting(clerk):
        son = opened("17440000011", cast, acting).members.get(relation="son")
        son.birth_on = son.birth_on.replace(day=25)
        son.save()
        note_values(son, {"birth_on": son.birth_on}, way=Way.CHANGE, by=clerk)
    changed = (HEAD, WIFE, SON | {"birth_on": "1394/07/11"})
    assert bring_in(table(changed), keeper, acting) == counts(unchanged=3, questions=1)
    with acting(clerk):
        son.refresh_from_db()
        assert son.birth_on.day == 25
        question = Question.objects.get(person_id=son.pk)
        assert (question.field, question.asked, question.row) == ("birth_on", "2015-10-03", 4)
    # Neither the file that was decided against nor the one that asked asks again.
    assert bring_in(table(FAMILY), keeper, acting) == counts(unchanged=3)
    bring_in(table(changed), keeper, acting)
    with acting(clerk):
        assert Question.objects.count() == 1


def test_refused_row_says_why_and_comes_in_once_corrected(cast: Cast, acting: Acting) -> None:
    keeper = cast["daftari"]
    wrong = SON | {"birth_on": "1394/13/01"}
    run = check(table((HEAD, WIFE, wrong)), keeper, acting)
    with acting(keeper), translation.override("fa"):
        (row,) = refused_rows(run)
        assert row.number == 4
        assert "تاریخ تولد" in row.reasons[0]
        start_import(run.pk, by=keeper)
    assert finish(run, keeper, acting) == counts(new=2, refused=1)
    assert bring_in(table((SON,)), keeper, acting) == counts(new=1)
    with acting(cast["narges"]):
        assert opened("17440000013", cast, acting).members.count() == 3


def test_family_waits_for_its_refused_head(cast: Cast, acting: Acting) -> None:
    keeper = cast["daftari"]
    run = check(table((HEAD | {"birth_on": "1361/02/35"}, WIFE, SON)), keeper, acting)
    assert run.rows_refused == 3
    with acting(keeper), translation.override("en"):
        assert "row 2, was refused" in list(refused_rows(run))[1].reasons[0]


@pytest.mark.parametrize(
    ("rows", "code", "refused"),
    [
        ((WIFE, SON), "no-head", 2),
        ((HEAD, WIFE | {"relation": "سرپرست"}, SON), "two-heads", 3),
        ((HEAD, WIFE, SON | {"document_number": "17440000012"}), "document-twice", 1),
    ],
    ids=["no head", "two heads", "document twice"],
)
def test_rows_that_contradict_each_other_are_refused(
    cast: Cast, acting: Acting, rows: tuple[dict[str, str], ...], code: str, refused: int
) -> None:
    run = check(table(rows), cast["daftari"], acting)
    assert run.rows_refused == refused
    assert code in {one["code"] for one in run.notes["findings"]}


OTHER = HEAD | {"household_code": "خ-2", "document_number": "17440000021", "fida_code": "110000000021"}
NEW = {"given_name": "تازه", "document_number": "17440000099", "fida_code": ""}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((WIFE | {"household_code": "خ-2"},), "other-family"),
        ((HEAD | {"household_code": "خ-9"}, OTHER | {"household_code": "خ-9", "relation": "برادر"}), "family-in-two"),
        ((HEAD | {"fida_code": "110000000012"},), "two-people"),
        ((HEAD | NEW,), "other-head"),
    ],
    ids=["in another family", "of two families", "two people", "another head"],
)
def test_rows_that_contradict_the_register_are_refused(
    cast: Cast, acting: Acting, rows: tuple[dict[str, str], ...], code: str
) -> None:
    bring_in(table((*FAMILY, OTHER)), cast["daftari"], acting)
    run = check(table(rows), cast["daftari"], acting)
    assert run.rows_refused == len(rows)
    assert code in {one["code"] for one in run.notes["findings"]}


def test_person_of_another_province_stays_there(cast: Cast, acting: Acting) -> None:
    mashhad = [row | {"county": "مشهد"} for row in FAMILY]
    assert bring_in(table(mashhad), cast["nasrin"], acting) == counts(new=3)
    run = check(table(FAMILY), cast["daftari"], acting)
    assert run.rows_refused == 3
    assert "registered-elsewhere" in {one["code"] for one in run.notes["findings"]}


def test_paused_import_goes_on_where_it_stood(cast: Cast, acting: Acting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("khedmat.imports.staging.ROWS_A_CHUNK", 1)
    keeper = cast["daftari"]
    as_other = {"household_code": "خ-2", "fida_code": ""}
    two = [row | as_other | {"document_number": "9" + row["document_number"]} for row in FAMILY]
    run = check(table((*FAMILY, *two)), keeper, acting)
    with acting(keeper):
        start_import(run.pk, by=keeper)
        assert import_next_chunk(run.pk, by=keeper)
        pause_import(run.pk, by=keeper)
        with pytest.raises(RunAtOtherStep):
            import_next_chunk(run.pk, by=keeper)
        assert run_of(run.pk).rows_done == 3
        start_import(run.pk, by=keeper)
    assert finish(run, keeper, acting) == counts(new=6)


def test_second_import_of_the_province_waits(cast: Cast, acting: Acting) -> None:
    keeper = cast["daftari"]
    one, other = check(table(FAMILY), keeper, acting), check(table(FAMILY), keeper, acting)
    with acting(keeper):
        start_import(one.pk, by=keeper)
        with pytest.raises(AnotherImportRuns):
            start_import(other.pk, by=keeper)
        cancel_import(other.pk, by=keeper)


def test_run_of_another_province_is_not_there(cast: Cast, acting: Acting) -> None:
    run = send(table(FAMILY), cast["daftari"], acting)
    with acting(cast["nasrin"]), pytest.raises(RunNotThere):
        start_import(run.pk, by=cast["nasrin"])


def test_counts_that_do_not_add_up_are_refused(cast: Cast, acting: Acting) -> None:
    run = check(table(FAMILY), cast["daftari"], acting)
    with acting(cast["daftari"]):
        with pytest.raises(IntegrityError, match="every_row_read_is_accounted_for"), transaction.atomic():
            Run.objects.filter(pk=run.pk).update(rows_new=2)
        assert run_of(run.pk).rows_new == 3


def test_keeper_reads_nobody(cast: Cast, acting: Acting) -> None:
    bring_in(table(FAMILY), cast["daftari"], acting)
    with acting(cast["daftari"]):
        assert Person.objects.count() == 0
        assert Household.objects.count() == 0


def test_no_other_role_has_staged_rows_looked_at(cast: Cast, acting: Acting) -> None:
    with acting(cast["daftari"]):
        staging.make_known()
    with pytest.raises(RecordNotVisible), acting(cast["narges"]):
        staging.make_known()


@pytest.mark.django_db(transaction=True)
def test_looking_up_by_key_ends_with_the_chunk(cast: Cast) -> None:
    def setting() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('enable_seqscan')")
            return str(cursor.fetchone()[0])

    with working_context(cast["daftari"]):
        staging.look_up_by_key()
        assert setting() == "off"
    assert setting() == "on"


def test_chunks_end_where_their_rows_do(cast: Cast, acting: Acting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Families of three rows and of one, three rows a chunk: no family is cut, none is left out."""
    monkeypatch.setattr(staging, "ROWS_A_CHUNK", 3)
    keeper = cast["daftari"]
    alone = [
        HEAD | {"household_code": f"خ-9{n}", "document_number": f"1744000009{n}", "fida_code": ""} for n in range(4)
    ]
    run = check(table([*FAMILY, *alone]), keeper, acting)
    with acting(keeper):
        reached, chunks = 0, []
        while reached < run.groups:
            rows, reached = staging.chunk(run.pk, reached)
            chunks.append([row.number for row in rows])
    assert chunks == [[2, 3, 4], [5, 6, 7], [8]]


def test_outcomes_tell_what_they_changed(cast: Cast, acting: Acting) -> None:
    run = check(table(FAMILY), cast["daftari"], acting)
    said = [Settled(2, RowOutcome.NEW), Settled(3, RowOutcome.REFUSED, Against("no-head", (2,)))]
    with acting(cast["daftari"]):
        assert staging.write_outcomes(run.pk, said) == {RowOutcome.NEW: -1, RowOutcome.REFUSED: 1}
        assert staging.write_outcomes(run.pk, said) == {}
        (refused,) = staging.refused_lines(run.pk)
    assert (refused.number, refused.against) == (3, Against("no-head", (2,)))
