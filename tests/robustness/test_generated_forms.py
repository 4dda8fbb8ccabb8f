"""Every route under generated posts: no error of ours, no write on refusal, a message that names the field.

`make test` sends 60 posts to each route that takes any, `make proof` 10,000.
"""

import gc
import logging
import os
import random
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.core.signals import got_request_exception
from django.db import DatabaseError, connection
from django.template.base import Template
from django.test import override_settings

from tests.robustness import state
from tests.robustness.browsing import Sender, Site, addresses, bound_forms, explore, is_page, readers_of, undone
from tests.robustness.generated import Post, as_offered, big_file, some_post
from tests.robustness.judging import CLIENT_ERROR, SERVER_ERROR, Answer, complaints
from tests.robustness.markup import Input, PageForm
from tests.robustness.queries import counted_queries
from tests.robustness.routes import Route, all_routes
from tests.robustness.situation import made_situation

pytestmark = pytest.mark.django_db

POSTS, POSTS_OF_PROOF, POSTS_WHERE_NONE_ARE_TAKEN = 60, 10_000, 10
SEED_OF_TEST = "1405"
MOST_QUERIES = 15
ROUTES = all_routes()
every_route = pytest.mark.parametrize("route", ROUTES, ids=str)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    """A province at work and its pages; made once, never committed."""
    plain: dict[str, Any] = {
        "KHEDMAT_DEMO": True,
        "KHEDMAT_REQUIRE_SECOND_FACTOR": False,
        "PAYMENT_GATEWAYS": {"demo": "khedmat.payments.gateways.DemoGateway"},
        "STATIC_ROOT": str(tmp_path_factory.mktemp("static")),
        "STORAGES": {
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        "KHEDMAT_FILES_DIR": tmp_path_factory.mktemp("files"),
    }
    with (
        django_db_blocker.unblock(),
        override_settings(**plain),
        pytest.MonkeyPatch.context() as patch,
        made_situation() as situation,
    ):
        # Ten thousand refusals are ten thousand warnings, each with its traceback.
        patch.setattr(logging.root.manager, "disable", logging.CRITICAL)
        # Pages are drawn as in production: the test runner's own way copies each context for later looking.
        patch.setattr(Template, "_render", lambda self, context: self.nodelist.render(context))
        with counted_queries() as queries:
            found = explore(situation)
        found.queries.update(queries)
        gc.freeze()
        yield found


def test_no_page_asks_more_than_fifteen_things_of_the_database(site: Site) -> None:
    asked = {path: statements for path, statements in site.queries.items() if len(statements) > MOST_QUERIES}
    told = [f"{path}: {len(all_of)}\n  " + "\n  ".join(one[:110] for one in all_of) for path, all_of in asked.items()]
    assert len(site.queries) > len(ROUTES) // 2
    assert not told, "\n".join(told)


def send(site: Site, sender: Sender, post: Post, watch: state.Watch) -> Answer:
    """Send one post, look at what it wrote, and undo it."""
    client = site.browsers[sender.reader]
    content_type, body = post.body()
    errors: list[str] = []

    def note(**_signal: object) -> None:
        errors.append(traceback.format_exc(limit=-4))

    got_request_exception.connect(note)
    try:
        with undone(client), bound_forms() as forms:
            client.cookies["django_language"] = post.language
            response = client.generic("POST", sender.url, body, content_type)
            html = response.content.decode() if is_page(response) else ""
            is_broken = response.status_code >= SERVER_ERROR
            written = {} if is_broken else watch.written()
            answer = Answer(
                status=response.status_code,
                location=_location(response),
                html=html,
                written=written,
                forms=forms,
                traceback="\n".join(errors),
            )
            return replace(answer, breaks_at_commit=_deferred()) if answer.changes else answer
    finally:
        got_request_exception.disconnect(note)


def _location(response: Any) -> str:
    """Where the browser is sent; a post that says it is a script's gets its redirect as JSON (allauth)."""
    if response.headers.get("Content-Type") == "application/json" and response.status_code == HTTPStatus.OK:
        return str(response.json().get("location", ""))
    return str(response.headers.get("Location", ""))


def _deferred() -> str:
    """What the database would say at commit."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except DatabaseError as error:
        return str(error)
    return ""


def judge(site: Site, sender: Sender, post: Post, watch: state.Watch) -> Answer:
    """Send and judge: whatever must not be fails here."""
    answer = send(site, sender, post, watch)
    situation = site.situation
    found = complaints(sender, post, answer, situation.foreign_to(sender.reader), situation.everything)
    assert not found, f"{sender.reader or 'nobody'} at {sender.url}: {'; '.join(found)}\n{post}"
    return answer


def flood(site: Site, route: Route, count: int, seed: str) -> Counter[str]:
    """`count` generated posts, no two alike, over the forms of a route; answers how many had which fate."""
    senders, watch, fates = site.senders_of(route), state.Watch(), Counter[str]()
    assert senders, f"nobody and nothing was found that could send anything to {route}"
    for sender in senders:
        fates[judge(site, sender, as_offered(sender), watch).fate] += 1
    if set(fates) == {"not allowed"}:
        count = POSTS_WHERE_NONE_ARE_TAKEN
    choice, sent = random.Random(f"{seed} {route}"), set[tuple[int, Post]]()
    while len(sent) < count:
        number = choice.randrange(len(senders))
        post = some_post(choice, senders[number], site.situation.foreign_to(senders[number].reader))
        if (number, post) not in sent:
            sent.add((number, post))
            fates[judge(site, senders[number], post, watch).fate] += 1
    return fates


@every_route
def test_generated_posts(site: Site, route: Route, record_property: Any) -> None:
    fates = flood(site, route, POSTS, SEED_OF_TEST)
    record_property("fates", dict(fates))
    print(f"{route}: {dict(fates)}")  # noqa: T201 - shown by pytest -rP


@pytest.mark.proof
@pytest.mark.timeout(3600)
@every_route
def test_very_many_generated_posts(site: Site, route: Route) -> None:
    seed = os.environ.get("KHEDMAT_POSTS_SEED") or str(random.randrange(10**6))
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails; KHEDMAT_POSTS_SEED repeats it
    fates = flood(site, route, POSTS_OF_PROOF, seed)
    print(f"{route}: {dict(fates)}")  # noqa: T201 - shown by pytest -rP


@every_route
def test_forms_as_offered_are_understood(site: Site, route: Route) -> None:
    """The generator starts from what the pages accept: otherwise it would only ever test the first check."""
    watch = state.Watch()
    seen = site.senders.get(route.template, [])
    fates = [judge(site, sender, as_offered(sender, "en"), watch).fate for sender in seen]
    if seen:
        assert {"accepted", "answered"} & set(fates), f"no form of {route} was accepted: {fates}"


@every_route
def test_forged_addresses_show_and_write_nothing(site: Site, route: Route) -> None:
    """Ids of another province, and ids of nobody, in the place of each id of the address."""
    watch, picking = state.Watch(), random.Random(str(route))
    gaps = [name for name, kind in route.kinds.items() if kind == "uuid"]
    if not gaps:
        return
    for reader in readers_of(route, site.situation):
        real = addresses(route, site.situation)[:1]
        for forged in [*picking.sample(site.situation.of_mashhad, 20), str(uuid4())]:
            values = dict.fromkeys(gaps, forged) | {
                n: "1" if k == "int" else "demo" for n, k in route.kinds.items() if k != "uuid"
            }
            _is_closed(site, Sender(reader, route.url(values), PageForm("", (), ())), watch)
        assert real, f"no real address of {route}"


def _is_closed(site: Site, sender: Sender, watch: state.Watch) -> None:
    answer = send(site, sender, Post((), "urlencoded", "en"), watch)
    assert not answer.changes, f"{sender.url} wrote {answer.changes}"
    client = site.browsers[sender.reader]
    with undone(client):
        shown = client.get(sender.url).status_code
    for status in (answer.status, shown):
        assert CLIENT_ERROR <= status < SERVER_ERROR, f"{sender.reader} gets {status} at {sender.url}"


@every_route
def test_too_large_a_file_is_refused_by_name(site: Site, route: Route) -> None:
    watch = state.Watch()
    for sender in site.senders.get(route.template, []):
        names = [one.name for one in sender.form.inputs if one.kind == "file"]
        for name in names[:1]:
            offered = as_offered(sender)
            pairs = (*(pair for pair in offered.pairs if pair[0] != name), (name, big_file()))
            answer = judge(site, sender, Post(pairs, "multipart", "fa"), watch)
            assert answer.status >= CLIENT_ERROR, f"{route} takes a file beyond the cap"


QUERY_NAMES = ("page", "step", "office", "number", "member", "next", "round", "reference", "amount", "return_url")
QUERY_VALUES = ("%00", "x%00y", "%ED%A0%80", "%D9%A1", "-1", "1e9", "9" * 400, "%27", "%7B%7B", "//evil.example/")


@every_route
def test_hostile_queries_are_answered(site: Site, route: Route) -> None:
    for reader in readers_of(route, site.situation):
        client = site.browsers[reader]
        for url in addresses(route, site.situation)[:1]:
            queries = ["&".join(f"{name}={value}" for name in QUERY_NAMES) for value in QUERY_VALUES]
            for query in [*queries, *(f"{name}=%00" for name in QUERY_NAMES)]:
                with undone(client):
                    status = client.get(f"{url}?{query}").status_code
                assert status < SERVER_ERROR, f"{reader} gets {status} at {url}?{query}"


# ---------- the judge itself ----------

_SENDER = Sender("narges", "/x/", PageForm("", (Input("version", "hidden", "3"),), ()))
_POST = Post((("version", b"2"),), "urlencoded", "fa")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(status=500), "answers 500"),
        (Answer(status=409, html="<p></p>", written={"casework_case": 0}), "but wrote"),
        (Answer(status=200, html="<p>ok</p>", written={"casework_case": 1}), "but wrote"),
        (Answer(status=200, written={"casework_draft": 1, "casework_case": 0}), "but wrote"),
        (Answer(status=409, written={"casework_draft": 1}), "but wrote"),
        (Answer(status=302, location="/y/", written={"casework_case": 0}), "though the page had '3'"),
        (Answer(status=422, html="<p>x</p>"), "without a word"),
        (Answer(status=422, html='<div class="k-error">This is wrong</div>'), "another language"),
        (Answer(status=302, location="https://evil.example/"), "another site"),
        (Answer(status=200, html="<script>alert(1)</script>"), "as a script"),
        (Answer(status=200, html='<input value="" onfocus=alert(1)>'), "script handlers"),
        (Answer(status=302, location="/y/", written={"a": 1}, breaks_at_commit="no"), "at commit"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_judge_sees_what_is_wrong(answer: Answer, words: str) -> None:
    assert any(words in one for one in complaints(_SENDER, _POST, answer, ()))


def test_judge_wants_the_field_named() -> None:
    from khedmat.registry.web.forms import DocumentLookUpForm

    form = DocumentLookUpForm({"number": ""})
    unnamed = Answer(status=200, html='<div class="k-error">این را بنویسید</div>', forms=[form])
    named = Answer(status=200, html='<div class="k-error" id="id_number_error">این را بنویسید</div>', forms=[form])
    assert any("does not name number" in one for one in complaints(_SENDER, _POST, unnamed, ()))
    assert complaints(_SENDER, _POST, named, ()) == []


def test_watch_sees_every_kind_of_change(site: Site) -> None:
    watch = state.Watch()
    with undone(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET last_login = last_login WHERE username = 'narges'")
        assert watch.written() == {"accounts_user": 0}
        cursor.execute("DELETE FROM django_session")
        assert "django_session" in watch.written()
    assert watch.written() == {}
    with undone(), connection.cursor() as cursor:
        with undone():
            cursor.execute("DELETE FROM django_session")
        assert watch.written() == {}
        cursor.execute(f"INSERT INTO django_session VALUES ('{uuid4().hex}', '', now())")
        assert watch.written() == {"django_session": 1}


def test_walk_finds_every_named_route() -> None:
    assert {str(route) for route in ROUTES} >= {"/desk/", "/families/new/", "/language/"}
