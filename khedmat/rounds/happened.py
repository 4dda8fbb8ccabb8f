"""What happened to a case, told in words: who, what, when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from khedmat.accounts.models import User
from khedmat.accounts.selectors import names_of
from khedmat.audit.models import Entry
from khedmat.casework.errors import LaterChange
from khedmat.casework.models import Case
from khedmat.common.text import localise_digits
from khedmat.rounds.words import ACTS, ActWords

LONGEST = 120
AT_ONCE = timedelta(minutes=5)


def isolated(name: str) -> str:
    """A name that does not turn the words around it, in plain text (first strong isolate … pop)."""
    return f"\u2068{name}\u2069"


@dataclass(slots=True)
class Happening:
    """One line of the timeline; `members` are names, `times` how many entries it stands for."""

    words: ActWords
    action: str
    actor_id: UUID | None
    who: str
    at: datetime
    members: list[str]
    times: int = 1

    @property
    def sentence(self) -> str:
        """The act, and whom it concerns."""
        if self.action == "paper.seen":
            shown = localise_digits(str(self.times), get_language() or "fa")
            return ngettext("%(shown)s paper was seen", "%(shown)s papers were seen", self.times) % {"shown": shown}
        if not self.members:
            return str(self.words.sentence)
        return _("%(act)s: %(members)s") % {
            "act": self.words.sentence,
            "members": pgettext("between names", ", ").join(isolated(name) for name in dict.fromkeys(self.members)),
        }


def what_happened(case: Case, names: Mapping[str, str]) -> list[Happening]:
    """The case's acts, the newest first, in one query. `names`: of members, by the text of their id.

    Reads and files are left out; like acts of one person within five minutes are told as one. Needs the
    family open.
    """
    actor = User.objects.filter(pk=OuterRef("actor_id"))
    name_field = "name_en" if get_language() == "en" else "name_fa"
    entries = (
        Entry.objects.filter(case_id=case.pk, action__in=list(ACTS))
        .annotate(who=Subquery(actor.values(name_field)[:1]))
        .order_by("-id")
    )
    told: list[Happening] = []
    for entry in entries[:LONGEST]:
        member = names.get(str(entry.details.get("member", "")), "")
        last = told[-1] if told else None
        if (
            last is not None
            and (last.action, last.actor_id) == (entry.action, entry.actor_id)
            and last.at - entry.at < AT_ONCE
        ):
            last.times += 1
            last.members.insert(0, member)
            continue
        told.append(
            Happening(
                ACTS[entry.action], entry.action, entry.actor_id, entry.who or "", entry.at, [member] if member else []
            )
        )
    for line in told:
        line.members = [name for name in line.members if name]
    return told


def told_changes(changes: Iterable[LaterChange]) -> list[tuple[str, str, datetime]]:
    """Who, what, when of each change that somebody else made, the oldest first."""
    listed = [change for change in changes if change.action in ACTS]
    names = names_of(change.actor_id for change in listed)
    return [(names.get(change.actor_id, ""), str(ACTS[change.action].sentence), change.at) for change in listed]
