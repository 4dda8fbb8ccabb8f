"""Rounds as dated data. A published version and all that belongs to it never change (database triggers)."""

from collections.abc import Mapping

from django.db.models import Model

from khedmat.rounds.models.closings import RoundClosing
from khedmat.rounds.models.dated import OfficePlaces, RoundCohort, RoundWindow, ServiceStandard
from khedmat.rounds.models.eligibility import RequiredDocument, RoundRule
from khedmat.rounds.models.money import Exemption, InstalmentPlan, TariffLine
from khedmat.rounds.models.moves import VersionMove
from khedmat.rounds.models.relief import ReliefRequest
from khedmat.rounds.models.versions import Round, RoundVersion
from khedmat.rounds.models.words import Briefing, BriefingAnswer, BriefingQuestion, ClientText

__all__ = [
    "PARTS",
    "Briefing",
    "BriefingAnswer",
    "BriefingQuestion",
    "ClientText",
    "Exemption",
    "InstalmentPlan",
    "OfficePlaces",
    "ReliefRequest",
    "RequiredDocument",
    "Round",
    "RoundClosing",
    "RoundCohort",
    "RoundRule",
    "RoundVersion",
    "RoundWindow",
    "ServiceStandard",
    "TariffLine",
    "VersionMove",
]

# Part of a VersionSpec → its table; each row has `spec()` for the way back.
PARTS: Mapping[str, type[Model]] = {
    "rules": RoundRule,
    "documents": RequiredDocument,
    "tariff": TariffLine,
    "exemptions": Exemption,
    "instalments": InstalmentPlan,
    "standards": ServiceStandard,
    "windows": RoundWindow,
    "cohort": RoundCohort,
    "capacity": OfficePlaces,
    "briefing": Briefing,
    "texts": ClientText,
}
