"""Nothing that the product refuses is anywhere in it; and each refused thing is found when a test adds it."""

from pathlib import Path

import pytest
from django import forms
from django.db.models import Choices, TextChoices
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, include, path

from tests.consistency import refusals
from tests.consistency.conftest import Both
from tests.consistency.database import Cursor
from tests.consistency.refusals import refused_names


def test_schema_holds_nothing_refused(owner: Cursor) -> None:
    assert refusals.schema_faults(owner) == []


def test_routes_lead_to_nothing_refused() -> None:
    names = list(refusals.route_names(get_resolver().url_patterns))
    assert len(names) > 30
    assert refused_names(names) == []


def test_templates_offer_nothing_refused() -> None:
    names = list(refusals.template_names(refusals.template_folders()))
    assert len(names) > 100
    assert refused_names(names) == []


def test_roles_permissions_and_kinds_name_nothing_refused() -> None:
    choices = [one for one in refusals.own_classes(Choices) if issubclass(one, Choices)]
    assert {"Permission", "Role", "Purpose", "CaseStep"} <= {one.__name__ for one in choices}
    assert refused_names(refusals.choice_names(choices)) == []


def test_forms_ask_for_nothing_refused() -> None:
    own = [one for one in refusals.own_classes(BaseForm) if issubclass(one, BaseForm)]
    assert own
    assert refused_names(refusals.form_names(own)) == []


def test_queries_ask_for_nothing_refused() -> None:
    assert refused_names(refusals.parameter_names(refusals.own_sources())) == []


def test_code_does_nothing_refused() -> None:
    names = list(refusals.code_names(refusals.own_sources()))
    assert len(names) > 500
    assert refused_names(names) == []


def test_commands_and_jobs_do_nothing_refused() -> None:
    from procrastinate.contrib.django import app

    commands = [*refusals.own_commands(), *app.tasks]
    assert {"demo", "db"} <= set(commands)
    assert refused_names(refusals.command_names(commands)) == []


SCHEMA = {
    "nationality of a family": "ALTER TABLE registry_household ADD nationality text",
    "index over the sealed nationality": "CREATE INDEX anything ON registry_person (nationality)",
    "citizenship": "ALTER TABLE registry_household ADD citizenship_code text",
    "religion": "ALTER TABLE registry_person ADD religion text",
    "ethnicity": "ALTER TABLE registry_person ADD ethnic_group text",
    "legal status": "ALTER TABLE casework_case ADD legal_status text",
    "colony": "CREATE TABLE registry_colony (id int)",
    "no-show list": "CREATE TABLE casework_noshow (id int)",
    "who did not renew": "CREATE VIEW not_renewed AS SELECT 1 AS x",
    "people without papers": "CREATE TABLE registry_undocumented (id int)",
    "patrol": "CREATE TABLE inspections_patrol (id int)",
    "raid": "CREATE TABLE inspections_raid (id int)",
    "arrest": "ALTER TABLE registry_person ADD arrested_at timestamptz",
    "deportation": "CREATE TABLE returns_deportation (id int)",
    "removal": "ALTER TABLE casework_case ADD removal_on date",
    "hand-over": "CREATE TABLE registry_enforcement_request (id int)",
    "watch list": "ALTER TABLE registry_person ADD on_watch_list boolean",
    "risk score": "ALTER TABLE registry_person ADD risk_score int",
    "face match": "CREATE TABLE files_face_match (id int)",
    "movements": "CREATE TABLE registry_movement (id int)",
    "entries and exits": "CREATE TABLE registry_entry_exit (id int)",
    "last seen": "ALTER TABLE registry_person ADD last_seen_at timestamptz",
    "past addresses": "CREATE TABLE registry_address_history (id int)",
    "visits to homes": "CREATE TABLE inspections_home_visit (id int)",
    "place on the map": "ALTER TABLE registry_household ADD latitude double precision",
    "point on the map": "ALTER TABLE registry_household ADD home point",
    "open address": "ALTER TABLE registry_household ADD work_address text",
    "open phone": "ALTER TABLE registry_person ADD phone varchar(20)",
    "address index": "ALTER TABLE registry_household ADD address_index bytea",
    "words of names": "CREATE INDEX anything ON registry_person USING gin (to_tsvector('simple', given_name))",
    "inspection of a person": "CREATE TABLE inspections_finding (id int, person_id uuid)",
    "inspection of papers": "CREATE TABLE inspections_finding (id int, passport_number text)",
    "inspection with a key": "CREATE TABLE inspections_finding (id int, w uuid REFERENCES registry_person)",
    "look-up by address": "CREATE FUNCTION guard.find_family(address text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "look-up by workplace": "CREATE FUNCTION guard.look_up_by(workplace int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a list of people": "CREATE FUNCTION guard.list_people() RETURNS int LANGUAGE sql AS 'SELECT 1'",
}


@pytest.mark.parametrize("statement", SCHEMA.values(), ids=SCHEMA.keys())
def test_refused_schema_is_found(both: Both, statement: str) -> None:
    both.as_owner().execute(statement.encode())
    assert len(refusals.schema_faults(both.cursor)) >= 1


def _view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


ROUTES = [
    "patrols/", "raids/<uuid:id>/", "arrests/new/", "deportations/", "removals/", "no-shows/",
    "rounds/<slug:code>/did-not-renew/", "people/by/nationality/<str:code>/", "search/address/", "find/workplace/",
    "households/list/<str:status>/", "map-of-people/", "face-match/", "risk-scores/", "movements/<uuid:person>/",
    "entry-exit/", "export-register/", "enforcement/requests/", "undocumented/report/", "people-list/", "overstays/",
    "colonies/", "home-visits/", "watchlist/",
]  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
def test_refused_route_is_found(route: str) -> None:
    patterns: list[URLPattern | URLResolver] = [path("desk/", include([path(route, _view)]))]
    assert refused_names(refusals.route_names(patterns)) != []


def test_refused_name_of_a_route_is_found() -> None:
    for name in ("people-search", "detention-list", "all_people", "FaceRecognition"):
        assert refused_names(refusals.route_names([path("x/", _view, name=name)])) != []


TEMPLATES = {
    "a field": '<form method="post"><input name="nationality"></form>',
    "a search by address": '<form><input name="address"></form>',
    "a filter by status": '<form method="get"><select name="status"></select></form>',
    "a link": "<a href=\"{% url 'desk:no-show-list' %}\">x</a>",
    "a heading": '{% load i18n %}<h1>{% translate "People who did not renew" %}</h1>',
    "a button": "<button>{% translate 'Order a patrol' %}</button>",
    "a column": "<th>Risk score</th>",
    "a map": '<div id="people-map"></div>',
    "a label": "<label>Ethnicity</label>",
}


@pytest.mark.parametrize("text", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_refused_template_is_found(tmp_path: Path, text: str) -> None:
    (tmp_path / "page.html").write_text(text)
    assert refused_names(refusals.template_names([tmp_path])) != []


def test_refused_name_of_a_template_is_found(tmp_path: Path) -> None:
    (tmp_path / "heatmap.html").write_text("")
    assert refused_names(refusals.template_names([tmp_path])) != []


def test_a_page_may_say_what_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>No patrol, no arrest, no removal is planned here.</p>")
    assert refused_names(refusals.template_names([tmp_path])) == []


def test_refused_permission_is_found() -> None:
    class Permission(TextChoices):
        PLAN_RAIDS = "plan_raids"

    class Purpose(TextChoices):
        ENFORCE = "enforcement"

    class Role(TextChoices):
        POLICE = "police"

    for choices in (Permission, Purpose, Role):
        assert refused_names(refusals.choice_names([choices])) != []


def test_refused_form_field_is_found() -> None:
    class Registering(forms.Form):
        religion = forms.CharField()

    class HouseholdSearchForm(forms.Form):
        address = forms.CharField()

    class EnterHousehold(forms.Form):
        address = forms.CharField()

    assert refused_names(refusals.form_names([Registering])) != []
    assert refused_names(refusals.form_names([HouseholdSearchForm])) != []
    assert refused_names(refusals.form_names([EnterHousehold])) == []


@pytest.mark.parametrize(
    "source",
    ['request.GET["nationality"]', 'request.GET.get("address", "")', 'self.request.GET.getlist("workplace")',
     'request.GET.get("status")'],
)  # fmt: skip
def test_refused_query_parameter_is_found(source: str) -> None:
    assert refused_names(refusals.parameter_names([("views.py", source)])) != []


@pytest.mark.parametrize("command", ["list_people", "deport", "export-register", "match_list", "expired_people"])
def test_refused_command_is_found(command: str) -> None:
    assert refused_names(refusals.command_names([command])) != []


@pytest.mark.parametrize(
    "source", ["def households_not_renewed(): ...", "class FaceMatch: ...", "async def track_person(): ..."]
)
def test_refused_code_is_found(source: str) -> None:
    assert refused_names(refusals.code_names([("x.py", source)])) != []


@pytest.mark.parametrize("term", sorted(term for terms in refusals.NEVER.values() for term in terms))
def test_every_refused_word_is_found_in_any_spelling(term: str) -> None:
    parts = term.split("_")
    for spelling in (term, "-".join(parts), "".join(part.title() for part in parts), f"x_{term}_y"):
        assert refused_names([refusals.Name("name", spelling)]) != [], spelling


@pytest.mark.parametrize(
    "innocent", ["hand_over_card", "casework_papercheck", "afraid", "tribute", "embrace", "card-removed"]
)
def test_innocent_words_are_left_alone(innocent: str) -> None:
    assert refused_names([refusals.Name("name", innocent)]) == []
