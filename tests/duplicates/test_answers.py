"""What a human says of a pair: who may, in which order, and that it can be taken back."""

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from khedmat.accounts.errors import PermissionMissing, RecordNotVisible, SpentReadBudget
from khedmat.duplicates.actions import answer_pair, open_pair, remove_link
from khedmat.duplicates.enums import PairState, Verdict
from khedmat.duplicates.errors import AnsweredMeanwhile, FilesNotOpen
from khedmat.duplicates.models import Answer, DuplicatePair, PersonLink
from khedmat.registry.models import Person
from khedmat.vault.context import working_context
from tests.browsers import SignIn
from tests.cast import Cast
from tests.duplicates.conftest import Count, Twice, new_id

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(cast: Cast, pair: DuplicatePair) -> DuplicatePair:
    with working_context(cast["daftari"]):
        open_pair(pair.pk, by=cast["daftari"])
    return pair


def _say(cast: Cast, pair: DuplicatePair, verdict: Verdict, *, version: int = 1) -> DuplicatePair:
    with working_context(cast["daftari"]):
        return answer_pair(pair.pk, verdict, "سندها یکی است", version=version, by=cast["daftari"])


def test_same_person_makes_a_link_and_merges_nothing(
    cast: Cast, opened: DuplicatePair, count: Count, as_migrator: Any
) -> None:
    as_migrator.execute("SELECT * FROM registry_person ORDER BY id")
    before = as_migrator.fetchall()

    pair = _say(cast, opened, Verdict.SAME_PERSON)

    assert pair.state == PairState.SAME
    assert count("duplicates_personlink") == 1
    as_migrator.execute("SELECT * FROM registry_person ORDER BY id")
    assert as_migrator.fetchall() == before


def test_link_is_taken_away_with_a_reason_and_the_pair_asked_again(
    cast: Cast, opened: DuplicatePair, count: Count
) -> None:
    _say(cast, opened, Verdict.SAME_PERSON)
    with working_context(cast["daftari"]):
        pair = remove_link(opened.pk, "دو برادرند", version=2, by=cast["daftari"])
        link = PersonLink.objects.get()
        assert (pair.state, link.unlinking_reason, link.removed_by) == (
            PairState.OPEN, "دو برادرند", cast["daftari"].user_id
        )  # fmt: skip
    _say(cast, opened, Verdict.SAME_PERSON, version=3)
    assert count("duplicates_personlink") == 2


def test_link_that_is_not_there_is_not_taken_away(cast: Cast, opened: DuplicatePair) -> None:
    with pytest.raises(AnsweredMeanwhile), working_context(cast["daftari"]):
        remove_link(opened.pk, "x", version=1, by=cast["daftari"])


def test_answer_waits_until_both_records_are_open(cast: Cast, pair: DuplicatePair, count: Count) -> None:
    with pytest.raises(FilesNotOpen):
        _say(cast, pair, Verdict.DIFFERENT)
    assert count("duplicates_answer") == 0


def test_page_that_is_behind_does_not_answer(cast: Cast, opened: DuplicatePair, count: Count) -> None:
    _say(cast, opened, Verdict.ASK_FOR_PAPERS)
    with pytest.raises(AnsweredMeanwhile):
        _say(cast, opened, Verdict.DIFFERENT)
    _say(cast, opened, Verdict.DIFFERENT, version=2)
    assert count("duplicates_answer") == 2


def test_linked_pair_takes_no_other_answer(cast: Cast, opened: DuplicatePair) -> None:
    _say(cast, opened, Verdict.SAME_PERSON)
    with pytest.raises(AnsweredMeanwhile):
        _say(cast, opened, Verdict.DIFFERENT, version=2)


def test_of_two_answers_at_once_one_counts(cast: Cast, opened: DuplicatePair, count: Count) -> None:
    told: list[str] = []
    start = threading.Barrier(4)

    def answer(verdict: Verdict) -> None:
        try:
            start.wait()
            _say(cast, opened, verdict)
            told.append("kept")
        except AnsweredMeanwhile:
            told.append("behind")
        finally:
            connection.close()

    verdicts = (Verdict.SAME_PERSON, Verdict.DIFFERENT, Verdict.ASK_FOR_PAPERS, Verdict.SAME_PERSON)
    threads = [threading.Thread(target=answer, args=(verdict,)) for verdict in verdicts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["behind", "behind", "behind", "kept"]
    assert count("duplicates_answer") == 1
    assert count("duplicates_personlink") <= 1


def test_reason_is_sealed(cast: Cast, opened: DuplicatePair, as_migrator: Any) -> None:
    _say(cast, opened, Verdict.DIFFERENT)
    as_migrator.execute("SELECT reason FROM duplicates_answer")
    assert "سندها".encode() not in bytes(as_migrator.fetchone()[0])
    with working_context(cast["daftari"]):
        assert Answer.objects.get().reason == "سندها یکی است"


def test_answer_stands_in_the_log_of_each_family(
    cast: Cast, twice: Twice, opened: DuplicatePair, as_migrator: Any
) -> None:
    _say(cast, opened, Verdict.DIFFERENT)
    as_migrator.execute("SELECT household_id FROM audit_entry WHERE action = 'duplicates.different'")
    assert {row[0] for row in as_migrator.fetchall()} == {one.pk for one in twice}


def test_opening_counts_both_families_and_records_them(cast: Cast, opened: DuplicatePair, as_migrator: Any) -> None:
    as_migrator.execute(
        "SELECT count(*), count(DISTINCT household_id) FROM audit_entry "
        "WHERE action = 'household.opened' AND details->>'way' = 'duplicates'"
    )
    assert as_migrator.fetchone() == (2, 2)


def test_spent_budget_leaves_both_families_closed(cast: Cast, pair: DuplicatePair, as_migrator: Any) -> None:
    as_migrator.execute("UPDATE accounts_readbudget SET households_a_day = 1 WHERE role = 'register_keeper'")
    try:
        with working_context(cast["daftari"]):
            with pytest.raises(SpentReadBudget):
                open_pair(pair.pk, by=cast["daftari"])
            assert Person.objects.count() == 0
    finally:
        as_migrator.execute("UPDATE accounts_readbudget SET households_a_day = 200 WHERE role = 'register_keeper'")


def test_keeper_sees_nobody_before_opening(cast: Cast, pair: DuplicatePair) -> None:
    with working_context(cast["daftari"]):
        assert Person.objects.count() == 0
        open_pair(pair.pk, by=cast["daftari"])
        assert Person.objects.count() == 2


@pytest.mark.parametrize("name", ["nasrin", "narges", "director", "bahram", "guardian", "manager"])
def test_nobody_else_sees_or_opens_the_pair(cast: Cast, pair: DuplicatePair, name: str) -> None:
    with working_context(cast[name]):
        assert DuplicatePair.objects.count() == 0
        with pytest.raises((RecordNotVisible, PermissionMissing)):
            open_pair(pair.pk, by=cast[name])


def test_pair_of_somebody_who_moved_to_another_province_does_not_open(
    cast: Cast, twice: Twice, pair: DuplicatePair, as_migrator: Any
) -> None:
    as_migrator.execute(
        "UPDATE registry_household SET province_id = %s WHERE id = %s", [cast["nasrin"].scope_id, twice[0].pk]
    )
    with working_context(cast["daftari"]), pytest.raises(RecordNotVisible):
        open_pair(pair.pk, by=cast["daftari"])


def test_unknown_pair_is_not_there(cast: Cast) -> None:
    with working_context(cast["daftari"]), pytest.raises(RecordNotVisible):
        open_pair(new_id(), by=cast["daftari"])


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO duplicates_duplicatepair SELECT * FROM duplicates_duplicatepair",
        "UPDATE duplicates_duplicatepair SET person_a_id = person_b_id",
        "DELETE FROM duplicates_duplicatepair",
        "UPDATE duplicates_answer SET verdict = 'different'",
        "DELETE FROM duplicates_answer",
        "UPDATE duplicates_personlink SET person_a_id = person_b_id",
        "DELETE FROM duplicates_personlink",
    ],
)
def test_keeper_s_own_sql_changes_no_fact(cast: Cast, opened: DuplicatePair, statement: str) -> None:
    _say(cast, opened, Verdict.SAME_PERSON)
    refused = pytest.raises((DatabaseError, RecordNotVisible))
    with refused, working_context(cast["daftari"]), connection.cursor() as cursor:
        cursor.execute(statement)


def test_family_s_page_asks_for_papers_and_names_no_other(
    cast: Cast, twice: Twice, opened: DuplicatePair, as_staff: SignIn
) -> None:
    page = f"/families/{twice[0].pk}/"
    clerk = as_staff("narges")
    assert "Papers are asked for" not in clerk.get(page).content.decode()
    _say(cast, opened, Verdict.ASK_FOR_PAPERS)

    text = clerk.get(page).content.decode()

    assert "Papers are asked for" in text
    assert "غلام‌سخی رضایی" in text
    assert "رضائی" not in text
    assert str(opened.pk) not in text


def test_papers_asked_are_told_to_nobody_without_the_family(cast: Cast, twice: Twice, opened: DuplicatePair) -> None:
    from khedmat.duplicates.selectors import papers_asked_of

    _say(cast, opened, Verdict.ASK_FOR_PAPERS)
    with working_context(cast["narges"]):
        assert len(papers_asked_of(twice[0].pk)) == 1
        assert papers_asked_of(twice[1].pk) == {}


def test_page_of_the_pair_opens_compares_and_answers(keeper: Client, pair: DuplicatePair) -> None:
    url = f"/duplicates/{pair.pk}/"
    closed = keeper.get(url).content.decode()
    assert "Both records are closed" in closed
    assert "رضایی" not in closed

    keeper.post(f"{url}open/")
    text = keeper.get(url).content.decode()
    assert "رضایی" in text
    assert "رضائی" in text
    assert "The birth dates differ by one digit" in text
    assert text.count("on both records") == 2

    sent = {"verdict": "same_person", "reason": "یک نفر است", "version": "1"}
    assert keeper.post(f"{url}answer/", sent).status_code == 302
    text = keeper.get(url).content.decode()
    assert "Two records of one person" in text
    assert "یک نفر است" in text
    assert keeper.post(f"{url}unlink/", {"reason": "دو نفرند", "version": "2"}).status_code == 302
    assert "Taken apart again" in keeper.get(url).content.decode()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 422),
        ({"verdict": "same_person", "reason": "", "version": "1"}, 422),
        ({"verdict": "merge", "reason": "x", "version": "1"}, 422),
        ({"verdict": "different", "reason": "a\x00b", "version": "1"}, 422),
        ({"verdict": "different", "reason": "x" * 5000, "version": "1"}, 422),
        ({"verdict": "different", "reason": "x", "version": "9" * 40}, 422),
        ({"verdict": "different", "reason": "x", "version": "-1"}, 422),
        ({"verdict": "different", "reason": "x", "version": "7"}, 409),
    ],
)
def test_hostile_posts_are_answered_in_words(
    keeper: Client, opened: DuplicatePair, count: Count, sent: dict[str, str], status: int
) -> None:
    assert keeper.post(f"/duplicates/{opened.pk}/answer/", sent).status_code == status
    assert keeper.post(f"/duplicates/{opened.pk}/unlink/", sent).status_code in {409, 422}
    assert count("duplicates_answer") == 0


@pytest.mark.parametrize(
    "query", ["view=x", "view=same&page=99999999999999999999", "page=%00", "page=-1", "view=papers"]
)
def test_queue_survives_any_address(keeper: Client, pair: DuplicatePair, query: str) -> None:
    assert keeper.get(f"/duplicates/?{query}").status_code == 200


@pytest.mark.parametrize("path", ["open", "answer", "unlink"])
def test_forged_pair_is_not_found(keeper: Client, path: str) -> None:
    sent = {"verdict": "different", "reason": "x", "version": "1"}
    assert keeper.post(f"/duplicates/{new_id()}/{path}/", sent).status_code == 404


@pytest.mark.parametrize("name", ["narges", "bahram", "guardian"])
def test_other_roles_are_stopped_at_the_door(as_staff: SignIn, pair: DuplicatePair, name: str) -> None:
    client = as_staff(name)
    assert client.get("/duplicates/").status_code == 403
    assert client.post(f"/duplicates/{pair.pk}/open/").status_code == 403
