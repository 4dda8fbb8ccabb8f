"""The register keeps what stood before: by triggers, whoever writes and however; told in words to those who may."""

from collections.abc import Callable
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khedmat.audit.models import Entry
from khedmat.registry import history, labels
from khedmat.registry.actions import add_member, write_document
from khedmat.registry.enums import Way
from khedmat.registry.history import MOST_CHANGES, SETTING, Story, What, because, story_of
from khedmat.registry.models import (
    Household,
    HouseholdHistory,
    Person,
    PersonDocument,
    PersonDocumentHistory,
    PersonHistory,
)
from khedmat.registry.rules import DocumentEntry, MemberEntry
from khedmat.registry.selectors import household_with_members
from khedmat.registry.web import history as words
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.registry.pages import register

Staff = Callable[[str], Client]

pytestmark = pytest.mark.django_db
TABLES = ("registry_household_history", "registry_person_history", "registry_persondocument_history")
LATER = date(1991, 5, 6)


@pytest.fixture
def rezai(cast: Cast) -> Household:
    """A family of two, open to Narges."""
    household_id = register(cast, size=2)
    with working_context(cast["narges"]):
        return Household.objects.get(pk=household_id)


@pytest.fixture
def settled(transactional_db: None, cast: Cast, as_migrator: Any) -> Household:
    """The same, registered a year ago: what is done now is not its registration any more."""
    household_id = register(cast, size=2)
    _long_ago(as_migrator, household_id)
    with working_context(cast["narges"]):
        return Household.objects.get(pk=household_id)


def _long_ago(as_migrator: Any, household_id: UUID) -> None:
    for table, column, moment in (
        ("registry_household", "id", "created_at"),
        ("registry_person", "household_id", "created_at"),
        ("registry_persondocument", "household_id", "created_at"),
        ("registry_membership", "household_id", "since_at"),
        ("registry_provenance", "household_id", "at"),
    ):
        as_migrator.execute(
            f"UPDATE {table} SET {moment} = {moment} - interval '1 year' WHERE {column} = %s", [household_id]
        )


def _head(household: Household) -> Person:
    return Person.objects.get(household=household, relation="head")


def _correct(person: Person, birth_on: date = LATER) -> None:
    person.birth_on = birth_on
    person.save(update_fields=["birth_on"])


def _story(household: Household, before: Any = None) -> Story:
    return story_of(household_with_members(household.pk), before=before)


def _told(story: Story) -> list[tuple[What, str]]:
    return [(change.what, change.field) for moment in story.moments for change in moment.changes]


def test_changed_row_is_kept_with_who_and_where(cast: Cast, rezai: Household) -> None:
    narges = cast["narges"]
    with working_context(narges):
        head = _head(rezai)
        before = head.birth_on
        _correct(head)
        row = PersonHistory.objects.get()
    assert (row.record_id, row.household_id, row.birth_on) == (head.pk, rezai.pk, before)
    assert (row.actor_id, row.role, row.scope_id) == (narges.user_id, "clerk", narges.scope_id)
    assert (row.way, row.reference, row.ending) == ("", None, "changed")
    assert timezone.now() - row.replaced_at < timedelta(minutes=1)


def test_raw_sql_of_the_app_is_kept_too(cast: Cast, rezai: Household, raw: Any) -> None:
    with working_context(cast["narges"]):
        raw.execute("UPDATE registry_person SET father_name = 'ناصر' WHERE household_id = %s", [rezai.pk])
        assert sorted(PersonHistory.objects.values_list("father_name", flat=True)) == ["غلام‌سخی", "محمد"]


def test_actor_is_the_one_of_the_signed_context_whatever_is_said(cast: Cast, rezai: Household, raw: Any) -> None:
    with working_context(cast["narges"]):
        raw.execute("SELECT set_config(%s, %s, true)", [SETTING, "change:no-uuid; DROP TABLE registry_person"])
        _correct(_head(rezai))
        row = PersonHistory.objects.get()
    assert (row.actor_id, row.way, row.reference) == (cast["narges"].user_id, "", None)


@pytest.mark.parametrize("way", Way)
def test_because_says_by_which_way_and_only_inside(cast: Cast, rezai: Household, way: Way) -> None:
    request = uuid4()
    with working_context(cast["narges"]):
        head = _head(rezai)
        with because(way, request):
            _correct(head)
        _correct(head, LATER + timedelta(days=1))
        rows = list(PersonHistory.objects.order_by("id").values_list("way", "reference"))
    assert rows == [(way.value, request), ("", None)]


def test_because_inside_because_gives_the_word_back(cast: Cast, rezai: Household) -> None:
    with working_context(cast["narges"]):
        head = _head(rezai)
        with because(Way.IMPORT):
            with because(Way.COUNTER):
                _correct(head)
            _correct(head, LATER + timedelta(days=1))
        assert list(PersonHistory.objects.order_by("id").values_list("way", flat=True)) == ["counter", "import"]


def _correct_and_fail(person: Person) -> None:
    with because(Way.IMPORT):
        _correct(person)
        raise ZeroDivisionError


def test_because_that_raises_leaves_neither_word_nor_work(cast: Cast, rezai: Household) -> None:
    with working_context(cast["narges"]):
        head = _head(rezai)
        with pytest.raises(ZeroDivisionError):
            _correct_and_fail(head)
        assert not PersonHistory.objects.exists()
        _correct(head)
        assert PersonHistory.objects.get().way == ""


def test_version_and_search_columns_alone_are_no_change(cast: Cast, rezai: Household, raw: Any) -> None:
    with working_context(cast["narges"]):
        raw.execute("UPDATE registry_person SET version = version + 1, search_keys = search_keys[1:1]")
        raw.execute("UPDATE registry_household SET version = version + 1, phone_index = NULL")
        raw.execute("UPDATE registry_persondocument SET number_index = '\\x00'")
        for model in (HouseholdHistory, PersonHistory, PersonDocumentHistory):
            assert not model._default_manager.exists()


def test_saving_the_same_again_is_no_change(cast: Cast, rezai: Household) -> None:
    with working_context(cast["narges"]):
        household = Household.objects.get(pk=rezai.pk)
        assert household.phone
        assert household.address
        household.save()
        _head(rezai).save()
        PersonDocument.objects.get().save()
        for model in (HouseholdHistory, PersonHistory, PersonDocumentHistory):
            assert not model._default_manager.exists()


def test_sealed_columns_open_again(cast: Cast, rezai: Household) -> None:
    with working_context(cast["narges"]):
        before = (rezai.phone, rezai.address)
        rezai.phone, rezai.address = "+989350000000", "ری، پلاک ۱"
        rezai.save()
        row = HouseholdHistory.objects.get()
        assert (row.phone, row.address, row.postal_code) == (*before, "")
        document = PersonDocument.objects.get()
        number = document.number
        document.number = "A1234567"
        document.save()
        assert PersonDocumentHistory.objects.get().number == number


def test_thousand_rows_are_kept_by_one_statement(cast: Cast, rezai: Household, raw: Any) -> None:
    narges = cast["narges"]
    with working_context(narges):
        # As many as a clerk opens in a day.
        households = [_bare_household(cast) for _number in range(100)]
        raw.execute(
            "INSERT INTO registry_person (id, household_id, given_name, family_name, latin_name, father_name, "
            "grandfather_name, search_keys, sex, birth_on, relation, position, version, created_by) "
            "SELECT gen_random_uuid(), h, p.given_name, '', '', 'پدر', '', p.search_keys, p.sex, p.birth_on, "
            "'other', n, 1, p.created_by "
            "FROM registry_person p, unnest(%s::uuid[]) h, generate_series(1, 10) n WHERE p.id = %s",
            [households, _head(rezai).pk],
        )
        raw.execute("UPDATE registry_person SET father_name = 'ناصر' WHERE household_id = ANY (%s)", [households])
        assert raw.rowcount == 1000
        rows = PersonHistory.objects.all()
        assert rows.count() == 1000
        assert set(rows.values_list("father_name", flat=True)) == {"پدر"}
        assert rows.values("record_id").distinct().count() == 1000
        assert rows.values("replaced_at").distinct().count() == 1


def _bare_household(cast: Cast) -> UUID:
    household_id = uuid4()
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.begin_household(%s)", [household_id])
        cursor.execute(
            "INSERT INTO registry_household (id, province_id, version, created_by) "
            "VALUES (%s, guard.province_id(), 1, guard.user_id())",
            [household_id],
        )
    return household_id


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO {} (record_id) VALUES (gen_random_uuid())",
        "UPDATE {} SET replaced_at = now()",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
        "DROP TABLE {}",
        "SELECT nextval('{}_id_seq')",
    ],
)
def test_app_writes_and_alters_no_history(cast: Cast, rezai: Household, raw: Any, table: str, statement: str) -> None:
    with (
        working_context(cast["narges"]),
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
    ):
        raw.execute(statement.format(table))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM registry_person",
        "TRUNCATE registry_person CASCADE",
        "ALTER TABLE registry_person DISABLE TRIGGER history_of_changed",
        "DROP TRIGGER history_of_changed ON registry_person",
        "SELECT guard.keep_registry_person()",
    ],
)
def test_app_takes_no_way_around_the_history(cast: Cast, rezai: Household, raw: Any, statement: str) -> None:
    with (
        working_context(cast["narges"]),
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
    ):
        raw.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_maintenance_is_kept_without_a_name(cast: Cast, as_migrator: Any) -> None:
    household_id = register(cast, size=2)
    as_migrator.execute("UPDATE registry_person SET father_name = 'ناصر' WHERE household_id = %s", [household_id])
    as_migrator.execute("DELETE FROM registry_persondocument WHERE household_id = %s", [household_id])
    with working_context(cast["narges"]):
        assert set(PersonHistory.objects.values_list("actor_id", "role")) == {(None, "")}
        assert PersonDocumentHistory.objects.get().ending == "removed"
        assert (What.DOCUMENT_REMOVED, "") in _told(_story(Household.objects.get(pk=household_id)))


@pytest.mark.parametrize("name", ["omid", "mina", "bahram"])
def test_history_of_a_closed_family_is_nobody_s(cast: Cast, rezai: Household, raw: Any, name: str) -> None:
    with working_context(cast["narges"]):
        _correct(_head(rezai))
        rezai.address = "ری، پلاک ۱"
        rezai.save()
    with working_context(cast[name]):
        for table in TABLES:
            raw.execute(f"SELECT count(*) FROM {table}")
            assert raw.fetchone() == (0,)


def test_without_context_no_row_shows(cast: Cast, rezai: Household, raw: Any) -> None:
    with working_context(cast["narges"]):
        _correct(_head(rezai))
    raw.execute("SELECT set_config('khedmat.context', '', true)")
    raw.execute("SELECT count(*) FROM registry_person_history")
    assert raw.fetchone() == (0,)


def _move(person: Person, household_id: UUID) -> None:
    """As a marriage does it: another household, another place in its list, papers along."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registry_person SET household_id = %s, relation = 'other', position = 9 WHERE id = %s",
            [household_id, person.pk],
        )


def test_old_family_keeps_the_story_of_who_left(cast: Cast, rezai: Household) -> None:
    with working_context(cast["narges"]):
        child = Person.objects.get(household=rezai, relation="daughter")
        _correct(child)
        _move(child, _bare_household(cast))
        rows = PersonHistory.objects.filter(household_id=rezai.pk).order_by("id")
        assert [row.ending for row in rows] == ["changed", "moved"]
        story = _story(rezai)
        assert (What.MEMBER_LEFT, "") in _told(story)
        assert (What.FIELD, "birth_on") in _told(story)
        assert (What.FIELD, "relation") not in _told(story)
        assert story.names[child.pk] == child.full_name


@pytest.mark.django_db(transaction=True)
def test_new_family_tells_who_came_and_what_changed_since(cast: Cast, settled: Household, as_migrator: Any) -> None:
    other_id = register(cast, number="174411999", size=1)
    _long_ago(as_migrator, other_id)
    with working_context(cast["narges"]):
        child = Person.objects.get(household=settled, relation="daughter")
        _correct(child)
        _move(child, other_id)
        child.refresh_from_db()
        child.given_name = "نرگس"
        child.save()
        told = _told(_story(Household.objects.get(pk=other_id)))
    assert sorted(told) == [(What.FIELD, "given_name"), (What.MEMBER_CAME, ""), (What.REGISTERED, "")]


@pytest.mark.django_db(transaction=True)
def test_papers_that_go_along_are_not_told_of_their_own(cast: Cast, settled: Household, as_migrator: Any) -> None:
    rezai, other = settled, register(cast, number="174411999", size=1)
    _long_ago(as_migrator, other)
    with working_context(cast["narges"]):
        child = Person.objects.get(household=rezai, relation="daughter")
        write_document(child, DocumentEntry("passport", "P1"), by=cast["narges"])
    as_migrator.execute("UPDATE registry_persondocument SET created_at = created_at - interval '6 months'")
    with working_context(cast["narges"]):
        _move(child, other)
        assert PersonDocumentHistory.objects.get().household_id == rezai.pk
        assert sorted(_told(_story(rezai))) == [(What.MEMBER_LEFT, ""), (What.REGISTERED, "")]
        there = _told(_story(Household.objects.get(pk=other)))
        assert sorted(there) == [(What.MEMBER_CAME, ""), (What.REGISTERED, "")]


def test_story_compares_each_row_with_the_next(cast: Cast, rezai: Household) -> None:
    with working_context(cast["narges"]):
        head = _head(rezai)
        first = head.birth_on
        _correct(head, LATER)
        _correct(head, LATER + timedelta(days=10))
        changes = [
            (change.before, change.after)
            for moment in _story(rezai).moments
            for change in moment.changes
            if change.field == "birth_on"
        ]
    assert changes == [(first, LATER), (LATER, LATER + timedelta(days=10))]


def test_story_of_a_new_family_is_its_registration(cast: Cast) -> None:
    household_id = register(cast, size=3)
    with working_context(cast["narges"]):
        story = _story(Household.objects.get(pk=household_id))
    assert _told(story) == [(What.REGISTERED, "")]
    (moment,) = story.moments
    assert (moment.actor_id, moment.role) == (cast["narges"].user_id, "clerk")
    assert moment.scope_id == cast["narges"].scope_id
    assert story.older_before is None


@pytest.mark.django_db(transaction=True)
def test_added_member_and_document_tell_of_themselves(cast: Cast, settled: Household) -> None:
    rezai = settled
    child = MemberEntry("یوسف", "رضایی", "غلام‌سخی", "male", date(2026, 2, 10), "son")
    with working_context(cast["narges"]):
        add_member(rezai, child, by=cast["narges"])
        write_document(_head(rezai), DocumentEntry("passport", "P1234567"), by=cast["narges"])
        story = _story(rezai)
    assert sorted(_told(story)) == [(What.DOCUMENT_ADDED, ""), (What.MEMBER_ADDED, ""), (What.REGISTERED, "")]
    newest = story.moments[0]
    assert (newest.actor_id, newest.role) == (cast["narges"].user_id, "clerk")


def test_two_reasons_are_two_moments(cast: Cast, rezai: Household) -> None:
    with working_context(cast["narges"]):
        _correct(_head(rezai))
        with because(Way.CHANGE, uuid4()):
            _correct(_head(rezai), LATER + timedelta(days=3))
        moments = _story(rezai).moments
    assert [moment.way for moment in moments[:2]] == ["change", ""]


@pytest.mark.django_db(transaction=True)
def test_a_long_story_is_read_page_by_page(cast: Cast, settled: Household, as_migrator: Any) -> None:
    """Every change once, each beside what came after it, none lost at the seams."""
    count = MOST_CHANGES + 30
    with working_context(cast["narges"]):
        head = _head(settled)
        for number in range(count):
            _correct(head, LATER + timedelta(days=number))
    as_migrator.execute("UPDATE registry_person_history SET replaced_at = replaced_at - (%s - id) * interval '1 hour'",
                        [_newest(as_migrator)])  # fmt: skip
    pages: list[list[tuple[date, date]]] = []
    before = None
    with working_context(cast["narges"]):
        while before is not None or not pages:
            story = _story(settled, before)
            pages.append([(c.before, c.after) for moment in story.moments for c in moment.changes if c.field])
            before = story.older_before
            assert len(pages) < 4
    days = [day for page in pages for day in page]
    assert [after for _before, after in days] == [LATER + timedelta(days=number) for number in reversed(range(count))]
    assert [before for before, _after in days[:-1]] == [after for _before, after in days[1:]]
    assert MOST_CHANGES - 10 <= len(pages[0]) <= MOST_CHANGES


def _newest(as_migrator: Any) -> int:
    as_migrator.execute("SELECT max(id) FROM registry_person_history")
    (newest,) = as_migrator.fetchone()
    return int(newest)


def test_story_asks_few_questions_of_the_database(
    cast: Cast, rezai: Household, django_assert_max_num_queries: Any
) -> None:
    with working_context(cast["narges"]):
        head = _head(rezai)
        for number in range(20):
            _correct(head, LATER + timedelta(days=number))
        with django_assert_max_num_queries(16):
            _story(rezai)


def _page(client: Client, household_id: object, query: str = "") -> str:
    answer = client.get(reverse("registry:history", args=[household_id]) + query)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def test_page_tells_in_words(cast: Cast, rezai: Household, narges: Client) -> None:
    with working_context(cast["narges"]), because(Way.CHANGE, uuid4()):
        _correct(_head(rezai))
        rezai.phone, rezai.address = "+989350000000", "ری، پلاک ۱"
        rezai.save()
        document = PersonDocument.objects.get()
        document.valid_until = date(2027, 9, 30)
        document.save()
    page = _page(narges, rezai.pk)
    for shown in (
        "غلام‌سخی رضایی", "Birth date", "1982-10-04", "1991-05-06", "Mobile telephone", "09123456789", "09350000000",
        "Address", "شهریار، پلاک ۷", "ری، پلاک ۱", "Amayesh card", "174411830", "Valid until", "2027-09-30",
        "by a change request", "Office clerk",
    ):  # fmt: skip
        assert shown in page


def test_page_is_jalali_and_persian(cast: Cast, rezai: Household, narges: Client) -> None:
    with working_context(cast["narges"]):
        _correct(_head(rezai))
    narges.cookies["django_language"] = "fa"
    page = _page(narges, rezai.pk)
    for shown in ("تاریخ تولد", "۱۳۶۱/۰۷/۱۲", "۱۳۷۰/۰۲/۱۶", "آنچه تغییر کرده است"):
        assert shown in page


def test_each_reading_of_the_history_is_recorded(cast: Cast, rezai: Household, narges: Client) -> None:
    _page(narges, rezai.pk)
    _page(narges, rezai.pk)
    with working_context(cast["narges"]):
        reads = Entry.objects.filter(action="household.history-read", household_id=rezai.pk)
        assert [one.actor_id for one in reads] == [cast["narges"].user_id] * 2


@pytest.mark.parametrize("name", ["omid", "bahram", "director"])
def test_hidden_history_looks_like_none_at_all(cast: Cast, rezai: Household, as_staff: Staff, name: str) -> None:
    client = as_staff(name)
    hidden = client.get(reverse("registry:history", args=[rezai.pk]))
    absent = client.get(reverse("registry:history", args=[uuid4()]))
    assert hidden.status_code == absent.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("name", ["kamran", "printer", "manager", "guardian"])
def test_page_is_for_those_who_read_files(cast: Cast, rezai: Household, as_staff: Staff, name: str) -> None:
    answer = as_staff(name).get(reverse("registry:history", args=[rezai.pk]))
    assert answer.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("typed", ["x", "", "-1", "9" * 30, "9" * 5000, "1.5", "%00", "۱۲", "4102444800000000"])
def test_a_forged_address_shows_a_page(cast: Cast, rezai: Household, narges: Client, typed: str) -> None:
    _page(narges, rezai.pk, f"?before={typed}")


def test_before_everything_there_is_nothing(cast: Cast, rezai: Household, narges: Client) -> None:
    page = _page(narges, rezai.pk, "?before=1")
    assert "Nothing older is written down" in page
    assert "was written into the register" not in page


def test_names_in_the_history_are_escaped(cast: Cast, rezai: Household, narges: Client) -> None:
    with working_context(cast["narges"]):
        head = _head(rezai)
        head.father_name = "<script>x</script>"
        head.save()
        head.father_name = "{name}"
        head.save()
    page = _page(narges, rezai.pk)
    assert "<script>x" not in page
    assert page.count("&lt;script&gt;x&lt;/script&gt;") == 2


def test_family_page_leads_to_the_history(cast: Cast, rezai: Household, narges: Client) -> None:
    page = narges.get(reverse("registry:household", args=[rezai.pk])).content.decode()
    assert reverse("registry:history", args=[rezai.pk]) in page


def test_everything_that_can_be_told_has_its_words() -> None:
    for fields in (history.HOUSEHOLD_FIELDS, history.PERSON_FIELDS, history.DOCUMENT_FIELDS):
        assert set(fields) <= set(labels.LABELS)
    assert {what for what in What if what != What.FIELD} == set(words._SENTENCES)
