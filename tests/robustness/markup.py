"""What a browser sees of a page: its forms with their fields, and its words of error."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
# Where the house's pages say what went wrong (components/hint_and_error.html, error_summary.html, error_state.html).
ERROR_CLASSES = frozenset({"k-error", "k-errors", "k-state", "errorlist"})


@dataclass
class Element:
    """One element of a page, with its children; text stands among them."""

    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)
    beneath: list["Element"] = field(default_factory=list, repr=False)

    def walk(self) -> Iterator["Element"]:
        """This element and all beneath, in the order of the page."""
        yield self
        yield from self.beneath

    def text(self) -> str:
        """All words inside, without those of scripts."""
        parts = (child if isinstance(child, str) else child.text() for child in self.children)
        return "" if self.tag in {"script", "style"} else " ".join(" ".join(parts).split())

    @property
    def classes(self) -> frozenset[str]:
        """Its CSS classes."""
        return frozenset(self.attributes.get("class", "").split())


@dataclass(frozen=True)
class Input:
    """One field as the page offers it. `choices` are the values of a list, of radio buttons or of tick boxes."""

    name: str
    kind: str
    value: str = ""
    choices: tuple[str, ...] = ()
    is_required: bool = False
    longest: int | None = None
    takes_several: bool = False


@dataclass(frozen=True)
class PageForm:
    """One form of method POST. `action` is empty where it goes to the page's own address."""

    action: str
    inputs: tuple[Input, ...]
    buttons: tuple[tuple[str, str], ...]

    @property
    def signature(self) -> tuple[str, ...]:
        """Tells kinds of forms apart, whatever ids and numbers of rows they carry."""
        return tuple(sorted({_without_ids(one.name) for one in self.inputs} | {name for name, _ in self.buttons}))


def _without_ids(name: str) -> str:
    return "".join("#" if character in "0123456789abcdef-" else character for character in name)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("document", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        for around in self._open:
            around.beneath.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read_page(html: str) -> Element:
    """The page as a tree."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def post_forms(page: Element) -> list[PageForm]:
    """The forms that are sent by POST, with the fields that stand in them or point to them by `form=`.

    A form whose typing is kept is two: the page's script sends a draft of it too (parts/drafts.js).
    """
    found = []
    for form in page.walk():
        if form.tag != "form" or form.attributes.get("method", "get").lower() != "post":
            continue
        inside = list(form.walk())
        inside_ids = {id(one) for one in inside}
        pointing = [
            one for one in page.walk() if one.attributes.get("form", "-") == form.attributes.get("id", "") != ""
        ]
        elements = inside + [one for one in pointing if id(one) not in inside_ids]
        found.append(PageForm(form.attributes.get("action", ""), _inputs(elements), _buttons(elements)))
        if "data-draft-url" in form.attributes:
            found.append(_draft_of(form, found[-1]))
    return found


def _draft_of(form: Element, typed: PageForm) -> PageForm:
    content = json.dumps({one.name: ["x"] for one in typed.inputs if one.kind != "hidden"})
    sent = (Input("form", "hidden", form.attributes.get("data-draft", "")), Input("content", "hidden", content))
    return PageForm(form.attributes["data-draft-url"], sent, ())


def _buttons(elements: list[Element]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (one.attributes["name"], one.attributes.get("value", ""))
        for one in elements
        if one.attributes.get("name")
        and (one.tag == "button" or (one.tag == "input" and one.attributes.get("type") == "submit"))
    )


def _inputs(elements: list[Element]) -> tuple[Input, ...]:
    found: dict[str, Input] = {}
    for one in elements:
        name = one.attributes.get("name", "")
        if not name or "disabled" in one.attributes or name == "csrfmiddlewaretoken":
            continue
        read = _read_input(one, found.get(name))
        if read is not None:
            found[name] = read
    return tuple(found.values())


def _read_input(one: Element, earlier: Input | None) -> Input | None:
    name, is_required = one.attributes["name"], "required" in one.attributes
    if one.tag == "select":
        options = [option for option in one.walk() if option.tag == "option"]
        chosen = [option.attributes.get("value", "") for option in options if "selected" in option.attributes]
        values = tuple(option.attributes.get("value", "") for option in options)
        return Input(name, "select", chosen[0] if chosen else "", values, is_required)
    if one.tag == "textarea":
        return Input(name, "text", one.text(), (), is_required, _longest(one))
    kind = one.attributes.get("type", "text") if one.tag == "input" else ""
    if kind in {"", "submit", "button", "reset", "image"}:
        return None
    if kind in {"radio", "checkbox"}:
        choices = (*(earlier.choices if earlier else ()), one.attributes.get("value", "on"))
        return Input(name, kind, "", choices, is_required)
    several = "multiple" in one.attributes
    return Input(name, kind, one.attributes.get("value", ""), (), is_required, _longest(one), several)


def _longest(one: Element) -> int | None:
    return int(one.attributes["maxlength"]) if "maxlength" in one.attributes else None


def error_elements(page: Element) -> list[Element]:
    """The elements that tell of an error, each once."""
    return [one for one in page.walk() if one.classes & ERROR_CLASSES or _is_bad_note(one)]


def _is_bad_note(one: Element) -> bool:
    """A note in the tone of errors; the messages after a redirect are of this kind too."""
    return "k-note" in one.classes and one.attributes.get("data-tone") in {"bad", "warn"}
