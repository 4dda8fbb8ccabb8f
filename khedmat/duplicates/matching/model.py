"""The model: which pairs are looked at, how each trait is compared, and what each likeness says.

Fellegi and Sunter's: `m` is how often a level holds between two records of one person, `u` between two people
picked at random. Both were counted on synthetic people by `python -m bench.duplicates --train`, which prints this
table anew; they stand here as numbers, so that the same register gives the same pairs on every machine.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from splink import SettingsCreator


@dataclass(frozen=True, slots=True)
class Level:
    """One degree of likeness. `sql` over `_l` and `_r`; `by_frequency`: rare values say more than common ones."""

    code: str
    sql: str
    m: float
    u: float
    by_frequency: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """One trait with its levels, most alike first; a trait that is missing on a side says nothing."""

    trait: str
    missing: str
    levels: tuple[Level, ...]

    def code_of(self, gamma: int) -> str:
        """The level's code for Splink's number (-1: missing, 0: the last level)."""
        return "missing" if gamma < 0 else self.levels[len(self.levels) - 1 - gamma].code


def _name_levels(trait: str, numbers: dict[str, tuple[float, float]]) -> tuple[Level, ...]:
    left, right = f"{trait}_l", f"{trait}_r"
    # Two spellings that many people bear are two names (حسن and حسین), however near they look.
    one_is_rare = f"NOT ({trait}_is_common_l AND {trait}_is_common_r)"
    a_letter_apart = f"damerau_levenshtein({left}, {right}) = 1"
    conditions = {
        "same": f"{left} = {right}",
        "sounds": f"{trait}_skeleton_l = {trait}_skeleton_r AND length({trait}_skeleton_l) > 1 AND {one_is_rare}",
        "near": f"{one_is_rare} AND least(length({left}), length({right})) > 3 AND ({a_letter_apart} "
        f"OR jaro_winkler_similarity({left}, {right}) >= 0.93)",
        "short": f"{one_is_rare} AND least(length({left}), length({right})) > 1 AND {a_letter_apart}",
        "part": f"least(length({left}), length({right})) > 2 AND (starts_with({left}, {right}) "
        f"OR starts_with({right}, {left}) OR ends_with({left}, {right}) OR ends_with({right}, {left}))",
        "other": "ELSE",
    }
    return tuple(Level(code, sql, *numbers[code], by_frequency=code == "same") for code, sql in conditions.items())


COMPARISONS: Final = (
    Comparison(
        "given",
        "given_l IS NULL OR given_r IS NULL",
        _name_levels(
            "given",
            {
                "same": (0.66, 0.0044),
                "sounds": (0.21, 0.00015),
                "near": (0.1, 0.00015),
                "short": (0.023, 0.00003),
                "part": (0.004, 0.0004),
                "other": (0.004, 0.9948),
            },
        ),
    ),
    Comparison(
        "family",
        "family_l IS NULL OR family_r IS NULL",
        _name_levels(
            "family",
            {
                "same": (0.79, 0.0027),
                "sounds": (0.13, 0.00005),
                "near": (0.065, 0.0005),
                "short": (0.002, 0.00001),
                "part": (0.003, 0.00005),
                "other": (0.005, 0.99670),
            },
        ),
    ),
    Comparison(
        "father",
        "father_l IS NULL OR father_r IS NULL",
        _name_levels(
            "father",
            {
                "same": (0.79, 0.0091),
                "sounds": (0.12, 0.00013),
                "near": (0.055, 0.00007),
                "short": (0.019, 0.00002),
                "part": (0.01, 0.0011),
                "other": (0.006, 0.9897),
            },
        ),
    ),
    Comparison(
        "birth",
        "born_l IS NULL OR born_r IS NULL",
        (
            Level("same", "born_l = born_r", 0.66, 0.0003, by_frequency=True),
            Level("swapped", "born_swapped_l = born_r", 0.035, 0.00001),
            Level(
                "digit",
                "NOT (birth_is_rounded_l OR birth_is_rounded_r) AND (hamming(born_l, born_r) = 1 "
                "OR (damerau_levenshtein(born_l, born_r) = 1 AND length(born_l) = length(born_r)))",
                0.247,
                0.0009,
            ),
            # The first of the year stands for any day of it: a digit of the year alone then says little.
            Level("rounded", "hamming(born_l, born_r) = 1", 0.05, 0.009),
            Level("year", "birth_year_l = birth_year_r AND (birth_is_rounded_l OR birth_is_rounded_r)", 0.002, 0.0035),
            Level("near", "abs(birth_year_l - birth_year_r) <= 2", 0.001, 0.06),
            Level("other", "ELSE", 0.001, 0.93),
        ),
    ),
    Comparison(
        "sex", "sex_l IS NULL", (Level("same", "sex_l = sex_r", 0.995, 0.5), Level("other", "ELSE", 0.005, 0.5))
    ),
    Comparison(
        "document",
        "documents_l IS NULL OR documents_r IS NULL",
        (
            Level("same", "list_has_any(documents_l, documents_r)", 0.6, 0.000001),
            Level("other", "ELSE", 0.4, 0.999999),
        ),
    ),
)
COMPARISON_OF: Final = {comparison.trait: comparison for comparison in COMPARISONS}

# Pairs worth a look; whoever agrees in none of these is never compared. Sound-alikes of the name stand for the name.
BLOCKS: Final = (
    ("born", "given_skeleton"),
    ("born", "father_skeleton", "sex"),
    ("born", "family_skeleton", "sex"),
    ("given_skeleton", "father_skeleton", "birth_year"),
    ("given_skeleton", "family_skeleton", "birth_year"),
    ("given_skeleton", "father_skeleton", "birth_day_of_year"),
    ("given_skeleton", "family_skeleton", "birth_day_of_year"),
    ("father_skeleton", "family_skeleton", "birth_year", "sex"),
    ("father_skeleton", "family_skeleton", "birth_day_of_year", "sex"),
)
# Of as many others as there are, one person in twenty-five is written a second time: one pair in five million at
# 200,000 people. A small place is taken for a middling one: a name that three of its ten people bear says little of
# how many bear it, and its few pairs are soon looked at.
WRITTEN_TWICE: Final = 0.04
LEAST_PEOPLE: Final = 20_000
BY_FREQUENCY: Final = ("given", "family", "father", "born")
# Bits of evidence for, less those against. Chosen on 200,000 people for a precision of 0.995 (bench/duplicates.py).
THRESHOLD: Final = 5.0
STRONG_FROM: Final = 9.0
VERY_STRONG_FROM: Final = 16.0


def settings(people: int) -> "SettingsCreator":
    """The model as Splink takes it, for so many people."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on
    from splink.blocking_rule_library import CustomRule

    def level(comparison: Comparison, one: Level) -> Any:
        if one.sql == "ELSE":
            return cll.ElseLevel().configure(m_probability=one.m, u_probability=one.u)
        made = cll.CustomLevel(one.sql, one.code).configure(m_probability=one.m, u_probability=one.u)
        if not one.by_frequency:
            return made
        column = "born" if comparison.trait == "birth" else comparison.trait
        return made.configure(tf_adjustment_column=column, tf_minimum_u_value=1e-6)

    comparisons: list[Any] = [
        cl.CustomComparison(
            output_column_name=comparison.trait,
            comparison_levels=[
                cll.CustomLevel(comparison.missing, "missing").configure(is_null_level=True),
                *(level(comparison, one) for one in comparison.levels),
            ],
        )
        for comparison in COMPARISONS
    ]
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="person",
        probability_two_random_records_match=WRITTEN_TWICE / max(people, LEAST_PEOPLE),
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[
            CustomRule("l.documents = r.documents", sql_dialect="duckdb", arrays_to_explode=["documents"]),
            *(block_on(*columns) for columns in BLOCKS),
        ],
        # The levels of each pair come with them: they become the reasons that a human reads.
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=False,
    )
