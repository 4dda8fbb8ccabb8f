"""What is wrong with the site's answer to a post, in words; nothing, when all is as promised."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.forms.boundfield import BoundField
from django.forms.forms import BaseForm
from django.shortcuts import resolve_url
from django.utils import translation

from tests.robustness.browsing import NOBODY, ORIGIN, Sender, words_in
from tests.robustness.generated import Post, as_uuid
from tests.robustness.markup import Element, error_elements, read_page
from tests.robustness.state import RECORDS_OF_READING

SERVER_ERROR, CLIENT_ERROR, REDIRECT, FINE, NOT_ALLOWED = 500, 400, 300, 200, 405
# What stands where an attribute may begin, is named as a script handler and has a value, in a tag or anywhere else.
_MAYBE_HANDLER = re.compile(r"""['"\s/]on[^\s/=>]*\s*=""", re.IGNORECASE)
# Kept while somebody types: the page's script reads when, and goes on.
KEPT_BY_SCRIPT = frozenset({"casework_draft"})
# Another one in each answer, though the page be the same.
_TOKEN = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken" value="\w+">')


@lru_cache(maxsize=64)
def _tree_of(html: str) -> Element:
    """Many posts are refused with the same page: it is read once, and only looked at."""
    return read_page(html)


@dataclass(frozen=True)
class Answer:
    """One answer: what it says, what was written meanwhile, and which forms the view checked."""

    status: int
    location: str = ""
    html: str = ""
    written: Mapping[str, int] = field(default_factory=dict)
    forms: Sequence[BaseForm] = ()
    breaks_at_commit: str = ""
    traceback: str = ""

    @property
    def is_redirect(self) -> bool:
        """The house's pages answer a change with a redirect, and with nothing else."""
        return REDIRECT <= self.status < CLIENT_ERROR or bool(self.location)

    @property
    def changes(self) -> dict[str, int]:
        """Tables changed, beside the records of reading."""
        return {table: rows for table, rows in self.written.items() if table not in RECORDS_OF_READING}

    @property
    def fate(self) -> str:
        """accepted (something changed), answered, refused, or not allowed at all."""
        if self.status == NOT_ALLOWED:
            return "not allowed"
        if self.changes:
            return "accepted"
        return "refused" if self.status >= CLIENT_ERROR or self.invalid else "answered"

    @cached_property
    def page(self) -> Element:
        """The page as a tree; read where somebody asks for it, since reading one takes longer than judging it."""
        return _tree_of(_TOKEN.sub("", self.html))

    @cached_property
    def invalid(self) -> list[BoundField]:
        """Visible fields that a form of the view did not accept."""
        return [
            form[name]
            for form in self.forms
            for name in form.errors
            if name in form.fields and not form[name].is_hidden
        ]


def complaints(
    sender: Sender, post: Post, answer: Answer, foreign: Collection[str], known: Collection[str] = ()
) -> list[str]:
    """Everything that must not be; empty for a right answer.

    `foreign` are ids closed to the reader, `known` all ids there are.
    """
    if answer.status >= SERVER_ERROR:
        return [f"answers {answer.status}\n{answer.traceback}"]
    with translation.override(post.language):
        return [
            *_about_writing(answer),
            *(_about_accepted(sender, post, answer, foreign, known) if answer.changes else ()),
            *(_about_words(sender, post, answer) if not answer.is_redirect else ()),
            *_about_safety(answer),
            *_about_the_door(sender, answer),
        ]


def _about_writing(answer: Answer) -> list[str]:
    found = [f"would fail at commit: {answer.breaks_at_commit}"] if answer.breaks_at_commit else []
    # Of several photographs sent at once each stands alone; the page then says which were kept.
    is_draft = answer.status == FINE and not answer.html and set(answer.changes) <= KEPT_BY_SCRIPT
    if answer.changes and not answer.is_redirect and not is_draft and not _says_it_is_done(answer.page):
        found.append(f"answers {answer.status}, but wrote {answer.changes}")
    return found


def _says_it_is_done(page: Element) -> bool:
    return any("k-note" in one.classes and one.attributes.get("data-tone") == "ok" for one in page.walk())


def _about_accepted(
    sender: Sender, post: Post, answer: Answer, foreign: Collection[str], known: Collection[str]
) -> list[str]:
    invalid = [one for one in answer.invalid if one.html_name not in sender.hidden]
    found = [f"accepted, though {one.name} is invalid: {one.errors}" for one in invalid]
    if not post.is_whole:
        return found  # what was sent is not what arrived
    for one in sender.form.inputs:
        sent = post.sent(one.name)[-1:]
        text = sent[0].decode(errors="replace") if sent else ""
        if "version" in one.name and not _same_number(text, one.value):
            found.append(f"accepted with {one.name}={text!r}, though the page had {one.value!r}")
        if one.name in sender.fields and one.longest is not None and len(text.replace("\r\n", "\n")) > one.longest:
            found.append(f"accepted {one.name} of {len(text)} characters, though the page allows {one.longest}")
        if one.name in sender.fields and one.is_required and one.kind != "file" and not text.strip():
            found.append(f"accepted without {one.name}, though the page requires it")
        # A page may offer the id of a record that is yet to be made: any id that names nothing like it will do.
        if sent and as_uuid(sent[0]) in foreign and one.value in known:
            found.append(f"accepted {one.name}={text!r}, an id of another office")
    return found


def _same_number(sent: str, offered: str) -> bool:
    try:
        return int(sent) == int(offered)
    except ValueError:
        return False


def _about_words(sender: Sender, post: Post, answer: Answer) -> list[str]:
    is_fine = answer.status < CLIENT_ERROR and not answer.invalid
    if not answer.html or answer.status == NOT_ALLOWED or is_fine:
        return []
    elements = error_elements(answer.page)
    words = " ".join(one.text() for one in elements)
    found = [
        f"does not name {one.html_name} ({one.label}) beside {one.errors.as_text()}"
        for one in answer.invalid
        if one.html_name not in sender.hidden and not _is_named(one, elements, words, answer.page)
    ]
    if not words:
        return [*found, f"answers {answer.status} without a word of what is wrong"]
    return found if _is_in(post.language, words) else [*found, f"speaks another language than {post.language}: {words}"]


def _is_named(one: BoundField, elements: Sequence[Element], words: str, page: Element) -> bool:
    label, anchor = str(one.label), one.auto_id
    if (label and label in words) or any(inner.attributes.get("href") == f"#{anchor}" for inner in page.walk()):
        return True
    if any(inner.attributes.get("id", "").startswith(anchor) for inner in elements if anchor):
        return True
    marked = (box for box in page.walk() if "has-error" in box.classes)
    return any(inner.attributes.get("name", "").startswith(one.html_name) for box in marked for inner in box.walk())


def _is_in(language: str, words: str) -> bool:
    found = words_in(words)
    latin = sum(word.isascii() for word in found)
    return latin * 2 <= len(found) if language == "fa" else latin * 2 >= len(found)


def _about_safety(answer: Answer) -> list[str]:
    found = []
    if answer.location and not _is_own(answer.location):
        found.append(f"leads to another site: {answer.location}")
    if "<script>alert(1)</script>" in answer.html:
        found.append("shows what was sent as a script")
    if not _MAYBE_HANDLER.search(answer.html):
        return found
    handlers = [name for one in answer.page.walk() for name in one.attributes if name.startswith("on")]
    if handlers:
        found.append(f"carries script handlers: {handlers}")
    return found


def _is_own(location: str) -> bool:
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.netloc}" == ORIGIN or not (parts.scheme or parts.netloc or location[:2] == "//")


def _about_the_door(sender: Sender, answer: Answer) -> list[str]:
    """Whoever is signed in stays so, or nothing that follows would test anything."""
    asks_to_sign_in = urlsplit(answer.location).path == resolve_url(settings.LOGIN_URL)
    if sender.reader != NOBODY and asks_to_sign_in and not sender.url.startswith("/account/"):
        return [f"sends {sender.reader}, who is signed in, to the door"]
    return []
