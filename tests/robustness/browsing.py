"""Walks the site as each of its staff, and finds where a form can be sent, with real ids."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from http.cookies import SimpleCookie
from itertools import islice, product
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.db import transaction
from django.forms.fields import Field
from django.forms.forms import BaseForm
from django.http import HttpResponse, HttpResponseNotAllowed
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.models import User
from khedmat.accounts.rules import role_may
from khedmat.common.actor import Actor
from khedmat.common.dates_form import JalaliDateField
from tests.robustness.markup import PageForm, post_forms, read_page
from tests.robustness.routes import Route, all_routes
from tests.robustness.situation import Situation

ORIGIN = "https://testserver"
CSRF = "a" * 32
# As many pages of one route are read by one reader; families stand at about a dozen different steps.
PAGES_OF_A_ROUTE = 14
FORMS_OF_A_ROUTE = 8
NOBODY = ""
A_WEEK = timedelta(days=7)
_CASE_NUMBER = re.compile(r"\b\d{2}-\d{3}-\d{5}\b")


@dataclass(frozen=True)
class Sender:
    """One form, at one address, in one reader's hands.

    `fields` are those of the forms that the view binds, with their kinds; `optional` may stay empty, `days` are some
    that date fields take. `numbers` are the case numbers on the page; whoever is not signed in holds codes of slips.
    """

    reader: str
    url: str
    form: PageForm
    fields: Mapping[str, str] = field(hash=False, default_factory=dict)
    numbers: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    days: Mapping[str, date] = field(hash=False, default_factory=dict)

    @property
    def hidden(self) -> frozenset[str]:
        """Names that the page sends by itself."""
        return frozenset(one.name for one in self.form.inputs if one.kind == "hidden")


@dataclass
class Site:
    """The site as the staff see it: who can send which form where."""

    situation: Situation
    senders: dict[str, list[Sender]]
    browsers: dict[str, Client]
    # By address, what the page asked of the database where it asked most.
    queries: dict[str, list[str]] = field(default_factory=dict)

    def senders_of(self, route: Route) -> list[Sender]:
        """Everything found that may be sent to a route; by guess where no page shows a form for it."""
        return self.senders.get(route.template) or list(_guesses(route, self.situation))


@contextmanager
def undone(client: Client | None = None) -> Iterator[None]:
    """What happens inside is rolled back, in the database and in the browser's cookies."""
    cookies = _copied(client.cookies) if client else None
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        if client and cookies is not None:
            client.cookies = cookies


def _copied(cookies: SimpleCookie) -> SimpleCookie:
    kept = SimpleCookie()
    for name, one in cookies.items():
        kept[name] = one.copy()
    return kept


def browser(actor: Actor | None) -> Client:
    """A browser that is signed in, over https, with a CSRF token; an error of the site comes back as a page."""
    client = Client(
        enforce_csrf_checks=True,
        raise_request_exception=False,
        headers={"Host": "testserver", "X-Forwarded-Proto": "https", "Origin": ORIGIN, "X-CSRFToken": CSRF},
    )
    if actor is not None:
        client.force_login(User.objects.get(pk=actor.user_id))
    client.cookies["csrftoken"] = CSRF
    client.cookies["django_language"] = "en"
    return client


def explore(situation: Situation) -> Site:
    """Open every page that can be opened, following links and filling addresses with real ids."""
    readers = _one_for_each_role(situation)
    browsers = {NOBODY: browser(None)} | {name: browser(situation.staff[name]) for name in readers}
    for reader, url in situation.seats:
        browsers[reader].post(url)
    senders: dict[str, list[Sender]] = {}
    for reader, client in browsers.items():
        for sender in _forms_seen_by(reader, client, situation):
            route = template_of(sender.url)
            known = senders.setdefault(route, [])
            if len(known) < FORMS_OF_A_ROUTE and sender.form.signature not in {
                one.form.signature for one in known if one.reader == reader
            }:
                known.append(sender)
    for known in senders.values():
        known[:] = [_with_fields(one, browsers[one.reader]) for one in known]
    return Site(situation, senders, browsers)


def template_of(url: str) -> str:
    """The route that an address belongs to; empty where none does."""
    try:
        return resolve(urlsplit(url).path).route
    except Resolver404:
        return ""


def readers_of(route: Route, situation: Situation) -> list[str]:
    """One of the staff for each role that holds the route's permission; public pages are for nobody in particular."""
    if route.permission:
        permission = Permission(route.permission)
        return [one for one in _one_for_each_role(situation) if role_may(situation.staff[one].role, permission)]
    return [NOBODY] if route.is_public else [NOBODY, "narges"]


def _one_for_each_role(situation: Situation) -> list[str]:
    first: dict[str, str] = {}
    for name, actor in situation.staff.items():
        first.setdefault(actor.role, name)
    return list(first.values())


def _forms_seen_by(reader: str, client: Client, situation: Situation) -> Iterator[Sender]:
    opened: dict[str, int] = {}
    seen: set[str] = set()
    waiting = ["/", *situation.links]
    for route in all_routes():
        if reader in readers_of(route, situation):
            waiting += addresses(route, situation)
    while waiting:
        url = waiting.pop(0)
        template = template_of(url)
        if url in seen or not template or opened.get(template, 0) >= PAGES_OF_A_ROUTE:
            continue
        seen.add(url)
        with undone(client):
            answer = client.get(url)
        if answer.status_code == HttpResponseNotAllowed.status_code:
            opened[template] = PAGES_OF_A_ROUTE  # no address of this route has a page
        if answer.status_code != HttpResponse.status_code or not is_page(answer):
            continue
        opened[template] = opened.get(template, 0) + 1
        page = read_page(answer.content.decode())
        numbers = situation.codes if reader == NOBODY else tuple(dict.fromkeys(_CASE_NUMBER.findall(page.text())))
        for form in post_forms(page):
            yield Sender(reader, urljoin(url, form.action or url), form, numbers=numbers)
        links = (one.attributes.get("href", "") for one in page.walk() if one.tag == "a")
        waiting += [urljoin(url, link).partition("#")[0] for link in links if link]


def is_page(answer: Any) -> bool:
    """Whether the answer is HTML."""
    return str(answer.headers.get("Content-Type", "")).startswith("text/html")


def addresses(route: Route, situation: Situation) -> list[str]:
    """The route's address with real ids, most likely ones first; at most a few dozen."""
    gaps = [_candidates(name, kind, situation) for name, kind in route.kinds.items()]
    filled = (dict(zip(route.kinds, values, strict=True)) for values in product(*gaps))
    return [route.url(values) for values in islice(filled, 40)]


def _candidates(name: str, kind: str, situation: Situation) -> Iterable[str]:
    if kind == "int":
        return ("1", "2")
    if kind == "text":
        return ("amayesh-18", "demo")
    plain = name.removesuffix("_id").replace("_", "")
    of_table = [ids for table, ids in situation.ids.items() if table.replace("_", "").endswith(plain)]
    return [one for ids in of_table or situation.ids.values() for one in ids]


def _guesses(route: Route, situation: Situation) -> Iterator[Sender]:
    """A form without known fields, sent to real addresses by those who may."""
    for reader in readers_of(route, situation):
        for url in addresses(route, situation)[:4]:
            yield Sender(reader, url, PageForm("", (), ()))


@contextmanager
def bound_forms() -> Iterator[list[BaseForm]]:
    """Every form that a view checks while this lasts."""
    seen: list[BaseForm] = []
    original = BaseForm.full_clean

    def full_clean(self: BaseForm) -> None:
        if self.is_bound and self not in seen:
            seen.append(self)
        original(self)

    BaseForm.full_clean = full_clean  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        BaseForm.full_clean = original  # type: ignore[method-assign]


def _with_fields(sender: Sender, client: Client) -> Sender:
    """Learn which kind of field reads each value, by sending the form as it stands."""
    with undone(client), bound_forms() as seen:
        client.post(sender.url, {one.name: one.value for one in sender.form.inputs if one.kind != "file"})
    found = {form.add_prefix(name): one for form in seen for name, one in form.fields.items()}
    days = {name: day for name, one in found.items() if (day := _day_for(one)) is not None}
    return replace(
        sender,
        fields={name: type(one).__name__ for name, one in found.items()},
        optional=frozenset(name for name, one in found.items() if not one.required),
        days=days,
    )


def _day_for(field_: Field) -> date | None:
    """A day within the limits of a field that takes days to come; None where it takes none, and for other fields."""
    if not isinstance(field_, JalaliDateField):
        return None
    earliest, latest = (limit() if callable(limit) else limit for limit in (field_.min_date, field_.max_date))
    today = timezone.localdate()
    if earliest is None and (latest is None or latest <= today):
        return None
    day = (earliest or today) + A_WEEK
    return day if latest is None else min(day, latest)


def words_in(text: str) -> list[str]:
    """Words of letters, for telling languages apart."""
    return re.findall(r"[^\W\d_]{2,}", text)
