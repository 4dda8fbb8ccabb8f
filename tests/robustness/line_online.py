"""A family's way through the line over HTTP, step by step, whatever dies in between.

Each step looks at the page first, does what the page still asks for, and looks again when no answer came: as
people do. What was answered with a redirect is acknowledged, and written down.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar
from uuid import UUID

from khedmat.config.demo.families import portrait
from khedmat.config.demo.staff import PASSWORD
from tests.registry.pages import typed_child, typed_family, typed_member
from tests.robustness.generated import Upload
from tests.robustness.online import NotAcknowledged, Person, Reply

Done = TypeVar("Done")

MEMBERS = 2
PATIENCE = 200.0
_CASE_LINK = re.compile(r"^/cases/([0-9a-f-]{36})/")
_BATCH_LINK = re.compile(r"^/print/([0-9a-f-]{36})/$")
_CASE_NUMBER = re.compile(r"\b18-042-\d{5}\b")


@dataclass(frozen=True)
class Acknowledged:
    """One change that the site answered for: what (`paid`), and of which record."""

    what: str
    record: UUID


@dataclass
class Diary:
    """What was acknowledged, in its order; several people write into it."""

    entries: list[Acknowledged] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def note(self, what: str, record: str | UUID) -> None:
        with self._lock:
            self.entries.append(Acknowledged(what, UUID(str(record))))

    def so_far(self) -> list[Acknowledged]:
        with self._lock:
            return list(self.entries)


class Line:
    """The cast at their browsers. `before_post` is called before each post; `wait` until the site answers again."""

    def __init__(self, port: int, diary: Diary, *, before_post: Callable[[], None], wait: Callable[[], None]) -> None:
        names = ("narges", "kamran", "bahram", "printer")
        self._people = {name: Person(port, name, PASSWORD) for name in names}
        self._diary, self._before_post, self._wait = diary, before_post, wait

    def sign_in(self) -> None:
        """Everybody."""
        for person in self._people.values():
            self._until_done(person.sign_in)

    def through_decision(self, number: int) -> tuple[str, str]:
        """One family from the door to its decisions; answers the id and the number of its case."""
        household = self._register(number)
        case, case_number = self._start(household)
        self._papers(case)
        self._portraits(case)
        self._pay(case_number, receipt=str(9_000 + number))
        self._submit(case)
        self._decide(case)
        return case, case_number

    def print_everything(self) -> None:
        """Batches until nothing waits, each marked as printed once its PDF is there."""
        deadline = time.monotonic() + PATIENCE
        while not self._until_done(self._print_once):
            assert time.monotonic() < deadline, "a batch stays unprinted: its job died and was not taken up again"
            time.sleep(0.3)

    def hand_over(self, case: str, case_number: str) -> None:
        """The cards of a case into the head's hands."""

        def give() -> None:
            narges = self._people["narges"]
            found = self._post("narges", "/hand-over/", [("presented", case_number)])
            assert found.is_done, f"{case_number} is not found for hand-over: {found.status}"
            page = narges.get(found.location)
            form = page.form("", field="cards")
            if form is None:
                return
            offered = {one.name: one.choices for one in form.inputs}
            pairs = [("cards", card) for card in offered["cards"]] + [("receiver", offered["receiver"][0])]
            self._acknowledge("handed over", case, self._post("narges", found.location, pairs))

        self._until_done(give)

    # ---------- steps ----------

    def _register(self, number: int) -> str:
        cards = (typed_member(0, number=f"17{number:07d}"), typed_child(1, number=f"B{number}"))
        typed = typed_family(*cards)
        household = typed["household_id"]

        def register() -> None:
            reply = self._post("narges", "/families/new/", list(typed.items()))
            self._acknowledge("registered", household, reply)

        self._until_done(register)
        return household

    def _start(self, household: str) -> tuple[str, str]:
        def start() -> tuple[str, str]:
            page = self._people["narges"].get(f"/families/{household}/")
            form = page.form("/cases/start/")
            if form is not None:
                offered = [(one.name, one.value) for one in form.inputs]
                page = self._post("narges", form.action, offered)
                assert page.is_done, f"no case is opened: {page.status}"
                found = _CASE_LINK.match(page.location)
                assert found, f"no case is opened: {page.location}"
                self._diary.note("opened", found[1])
                page = self._people["narges"].get(f"/families/{household}/")
            links = [found[1] for link in page.links() if (found := _CASE_LINK.match(link))]
            number = _CASE_NUMBER.search(page.page.text())
            assert links, "the family's page does not show its case"
            assert number, "the family's page does not show the number of its case"
            return links[0], number[0]

        return self._until_done(start)

    def _papers(self, case: str) -> None:
        def see() -> None:
            form = self._people["narges"].get(f"/cases/{case}/").form("/papers/", field="all")
            if form is not None:
                offered = [(one.name, one.value) for one in form.inputs if one.kind == "hidden"]
                reply = self._post("narges", form.action, [*offered, ("all", "1")])
                self._acknowledge("papers seen", case, reply)

        self._until_done(see)

    def _portraits(self, case: str) -> None:
        def photograph() -> None:
            form = self._people["narges"].get(f"/cases/{case}/").form("/portraits/")
            assert form is not None, "the case asks for no photographs"
            files = [one.name for one in form.inputs if one.kind == "file" and one.name != "portraits"]
            sent = [(name, Upload(b"a.jpg", b"image/jpeg", portrait(place))) for place, name in enumerate(files)]
            assert len(sent) == MEMBERS, f"not every member has a place for a photograph: {files}"
            self._acknowledge("photographed", case, self._post("narges", form.action, sent))

        self._until_done(photograph)

    def _pay(self, case_number: str, receipt: str) -> None:
        def pay() -> None:
            found = self._people["kamran"].get(f"/payments/?number={case_number}")
            form = found.form("", field="receipt_number")
            if form is None:
                return
            given = {one.name: one.value for one in form.inputs} | {"method": "counter-cash", "receipt_number": receipt}
            charge = found.path.split("/")[2]
            self._acknowledge("paid", charge, self._post("kamran", found.path, list(given.items())))

        self._until_done(pay)

    def _submit(self, case: str) -> None:
        def submit() -> None:
            form = self._people["narges"].get(f"/cases/{case}/").form("/submit/")
            if form is not None:
                offered = [(one.name, one.value) for one in form.inputs]
                self._acknowledge("submitted", case, self._post("narges", form.action, offered))

        self._until_done(submit)

    def _decide(self, case: str) -> None:
        def decide() -> None:
            bahram, address = self._people["bahram"], f"/review/{case}/"
            take = bahram.get(address).form("/take/")
            if take is not None:
                self._acknowledge("taken", case, self._post("bahram", take.action, []))
            form = bahram.get(f"{address}decide/each/").form("", field="version")
            chosen = [one for one in form.inputs if one.name.endswith("-outcome")] if form else []
            if form is None or not chosen:
                return
            pairs = [(one.name, one.value) for one in form.inputs if one.kind == "hidden"]
            for one in chosen:
                pairs += [(one.name, "approve"), (one.name.replace("-outcome", "-reason"), "مدارک کامل است.")]
            self._acknowledge("decided", case, self._post("bahram", f"{address}decide/each/", pairs))

        self._until_done(decide)

    def _print_once(self) -> bool:
        """One look at the printer's pages; answers whether nothing is left to do."""
        printer = self._people["printer"]
        queue = printer.get("/print/")
        batches = [found[1] for link in queue.links() if (found := _BATCH_LINK.match(link))]
        is_idle = 'data-live="done"' in queue.html
        for batch in dict.fromkeys(batches):
            form = printer.get(f"/print/{batch}/").form("", field="step")
            if form is None:
                continue
            is_idle = False
            step = dict(form.buttons)["step"]
            reply = self._post("printer", f"/print/{batch}/", [("step", step)])
            self._acknowledge(step, batch, reply)
        form = queue.form("", field="batch_id")
        if form is None:
            return is_idle
        reply = self._post("printer", "/print/", [(one.name, one.value) for one in form.inputs])
        if (found := _BATCH_LINK.match(reply.location)) is not None:
            self._acknowledge("batch made", found[1], reply)
        return False

    # ---------- how ----------

    def _post(self, name: str, path: str, pairs: Sequence[tuple[str, str | Upload]]) -> Reply:
        self._before_post()
        return self._people[name].post(path, pairs)

    def _acknowledge(self, what: str, record: str, reply: Reply) -> None:
        words = " ".join(one.text() for one in reply.page.walk() if "k-error" in one.classes) if reply.html else ""
        assert reply.is_done, f"{what}: answered {reply.status} {words}"
        self._diary.note(what, record)

    def _until_done(self, step: Callable[[], Done]) -> Done:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return step()
            except NotAcknowledged as problem:
                if time.monotonic() > deadline:
                    raise AssertionError("no answer any more") from problem
                self._wait()
