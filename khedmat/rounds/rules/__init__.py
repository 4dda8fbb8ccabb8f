"""A round's rules as pure functions: eligibility, papers, tariff, and the check before publishing."""

from khedmat.rounds.rules.evaluation import evaluate_rules, filled, needed_papers
from khedmat.rounds.rules.loading import facts_to_json, round_from_json
from khedmat.rounds.rules.publication import check_version
from khedmat.rounds.rules.specs import (
    Bilingual,
    BriefingSpec,
    CapacitySpec,
    ClientTextSpec,
    CohortSpec,
    DocumentSpec,
    Example,
    ExemptionSpec,
    InstalmentSpec,
    MemberFacts,
    NeededPaper,
    Problem,
    RoundSpec,
    RuleOutcome,
    RuleSpec,
    StandardSpec,
    TariffBill,
    TariffSpec,
    VersionSpec,
    WindowSpec,
)
from khedmat.rounds.rules.tariff import compute_tariff

__all__ = [
    "Bilingual",
    "BriefingSpec",
    "CapacitySpec",
    "ClientTextSpec",
    "CohortSpec",
    "DocumentSpec",
    "Example",
    "ExemptionSpec",
    "InstalmentSpec",
    "MemberFacts",
    "NeededPaper",
    "Problem",
    "RoundSpec",
    "RuleOutcome",
    "RuleSpec",
    "StandardSpec",
    "TariffBill",
    "TariffSpec",
    "VersionSpec",
    "WindowSpec",
    "check_version",
    "compute_tariff",
    "evaluate_rules",
    "facts_to_json",
    "filled",
    "needed_papers",
    "round_from_json",
]
