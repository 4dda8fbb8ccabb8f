"""The known cast: three offices in two provinces, and the staff who work there. All invented."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from khedmat.accounts.actions import add_user, give_role
from khedmat.accounts.enums import Purpose, Role
from khedmat.common.actor import Actor
from khedmat.offices.actions import open_office
from khedmat.places.models import Scope
from khedmat.vault.context import working_context

# Printed by `make demo`; the demo listens on the loopback address only.
PASSWORD = "khedmat demo 1405"  # noqa: S105
LONG_AGO = date(2024, 3, 20)

# key: (code, Persian name, English name, county)
OFFICES = {
    "shahriar": ("042", "دفتر کفالت ۰۴۲ شهریار", "Kefalat office 042, Shahriar", "شهریار"),
    "rey": ("017", "دفتر کفالت ۰۱۷ ری", "Kefalat office 017, Rey", "ری"),
    "mashhad": ("101", "دفتر کفالت ۱۰۱ مشهد", "Kefalat office 101, Mashhad", "مشهد"),
}
PLACES_EN = {"tehran": "Tehran province", "khorasan": "Razavi Khorasan", "nation": "Iran"}
STAFF = {
    "narges": ("نرگس توسلی", "Narges Tavassoli", Role.CLERK, "shahriar"),
    "kamran": ("کامران یگانه", "Kamran Yeganeh", Role.CASHIER, "shahriar"),
    "bahram": ("بهرام کاویانی", "Bahram Kaviani", Role.CASE_OFFICER, "tehran"),
    "laleh": ("لاله پژوهش", "Laleh Pajouhesh", Role.CASE_OFFICER, "tehran"),
    "director": ("حسن دادگر", "Hassan Dadgar", Role.DIRECTOR_GENERAL, "tehran"),
    "printer": ("پری چاپچی", "Pari Chapchi", Role.CARD_PRINTER, "tehran"),
    "manager": ("مهدی برنامه", "Mehdi Barnameh", Role.ROUND_MANAGER, "nation"),
    "guardian": ("گلناز امین", "Golnaz Amin", Role.PROTECTION_OFFICER, "nation"),
    "omid": ("امید رستگار", "Omid Rastegar", Role.CLERK, "rey"),
    "mina": ("مینا خاوری", "Mina Khavari", Role.CLERK, "mashhad"),
    "sara": ("سارا مرادی", "Sara Moradi", Role.CASE_OFFICER, "khorasan"),
    "daftari": ("داوود دفتری", "Davoud Daftari", Role.REGISTER_KEEPER, "tehran"),
    "zahra": ("زهرا توسلی", "Zahra Tavassoli", Role.CLERK, "shahriar"),
    "shirin": ("شیرین بهمنی", "Shirin Bahmani", Role.OFFICE_MANAGER, "shahriar"),
    "reza": ("رضا همتی", "Reza Hemmati", Role.OFFICE_MANAGER, "rey"),
    "ladan": ("لادن شکیبا", "Ladan Shakiba", Role.CASHIER, "rey"),
    "parvin": ("پروین سنجیده", "Parvin Sanjideh", Role.ROUND_MANAGER, "nation"),
    "nasrin": ("نسرین ثابت", "Nasrin Sabet", Role.REGISTER_KEEPER, "khorasan"),
}
# One sign-in for each role is enough to walk the line; the others show a second office and province.
PURPOSES = {
    Role.CLERK: Purpose.TAKE_APPLICATION,
    Role.CASHIER: Purpose.TAKE_PAYMENT,
    Role.CASE_OFFICER: Purpose.REVIEW_CASE,
    Role.DIRECTOR_GENERAL: Purpose.REVIEW_CASE,
    Role.CARD_PRINTER: Purpose.PRINT_CARDS,
    Role.ROUND_MANAGER: Purpose.RUN_ROUND,
    Role.PROTECTION_OFFICER: Purpose.PROTECT_PEOPLE,
    Role.REGISTER_KEEPER: Purpose.KEEP_REGISTER,
    Role.OFFICE_MANAGER: Purpose.RUN_OFFICE,
}


@dataclass(frozen=True, slots=True)
class CastMember:
    """A sign-in that `make demo` prints."""

    role: str
    username: str
    password: str
    place: str


@dataclass(frozen=True, slots=True)
class Cast:
    """Actors by name (`narges`, …), and places by key (`shahriar`, `tehran`, …)."""

    actors: dict[str, Actor]
    places: dict[str, Scope]

    def __getitem__(self, name: str) -> Actor:
        return self.actors[name]


def cast() -> list[CastMember]:
    """The sign-ins, in the order of the line. Needs no database."""
    names = {key: office[2] for key, office in OFFICES.items()} | PLACES_EN
    return [
        CastMember(role=role.value.replace("_", " "), username=username, password=PASSWORD, place=names[place])
        for username, (_fa, _en, role, place) in STAFF.items()
    ]


def make_cast(password: str = PASSWORD) -> Cast:
    """Open the offices and add the staff. The manager of the nation acts."""
    nation = Scope.objects.get(kind="nation")
    places = {
        "nation": nation,
        "tehran": Scope.objects.get(kind="province", code="23"),
        "khorasan": Scope.objects.get(kind="province", code="09"),
    }
    manager = _add("manager", nation, password)
    with working_context(manager):
        for key, (code, name_fa, name_en, county) in OFFICES.items():
            office = open_office(
                code=code,
                name_fa=name_fa,
                name_en=name_en,
                county=Scope.objects.get(kind="county", name_fa=county),
                licence_number=f"L-{code}",
                licence_from_on=LONG_AGO,
                by=manager,
            )
            places[key] = office.scope
    actors = {name: _add(name, places[STAFF[name][3]], password) for name in STAFF if name != "manager"}
    return Cast(actors={**actors, "manager": manager}, places=places)


def _add(name: str, scope: Scope, password: str) -> Actor:
    name_fa, name_en, role, _place = STAFF[name]
    user = add_user(username=name, name_fa=name_fa, name_en=name_en, password=password)
    give_role(user, role, scope, held_from_on=LONG_AGO)
    return Actor(user_id=UUID(str(user.pk)), role=role, scope_id=scope.pk, purpose=PURPOSES[role])
