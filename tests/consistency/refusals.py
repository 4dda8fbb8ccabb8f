"""Searches the house for what it must not contain (what the product refuses by design).

Every part of the system has names: tables, columns, functions, routes, templates and what they let one do,
permissions, form fields, query parameters, commands, jobs. Names are split into words, and the words of each
refusal are looked for. Prose is left alone: a page may say what the system refuses.
"""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

from django.core.management import get_commands
from django.db.models import Choices
from django.forms import BaseForm
from django.urls import URLPattern, URLResolver

from tests.consistency.database import Cursor, column_names, columns, rows, tables
from tests.consistency.row_guards import classes, household_column, inspection_path_faults

HOUSE = Path(__file__).resolve().parent.parent.parent / "khedmat"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Never, wherever the name stands. A word matches whole; words joined by `_` match in that order.
NEVER: dict[str, frozenset[str]] = {
    "people by origin, faith or status": _words(
        """
        nationality nationalities citizenship ethnicity ethnic ethnicities race religion religious
        sect tribe creed legal_status residence_status immigration_status colony colonies
        """
    ),
    "who did not come or renew": _words(
        """
        no_show no_shows noshow noshows absentee absentees absent did_not_come did_not_renew
        not_renewed unrenewed non_renewal nonrenewal overstay overstays overstayed overstayer
        overstayers lapsed_people expired_people missing_people failed_to_appear
        """
    ),
    "people without papers": _words(
        """
        undocumented unregistered paperless illegal illegals irregular irregulars unlawful
        without_papers no_papers report_person denounce denunciation informant tip_off
        """
    ),
    "patrols, raids, arrests, removals": _words(
        """
        patrol patrols patrolling raid raids arrest arrests arrested detain detained detention
        detentions deport deports deported deportation deportations deportee deportees removal
        removals expel expelled expulsion expulsions roundup round_up rounding_up sweep_operation
        crackdown
        """
    ),
    "hand-over to enforcement": _words(
        """
        enforcement police policing gendarmerie intelligence_service warrant warrants watchlist
        watch_list blacklist black_list is_wanted wanted_person wanted_people wanted_list suspect
        suspects interrogation match_list handover_to hand_over_register
        """
    ),
    "risk and face": _words(
        """
        risk_score risk_scores risk_level risk_class riskiness danger_score threat_level suspicion
        face_match face_matches face_matching face_search face_recognition face_embedding facial
        biometric_match biometric_search profiling profile_score
        """
    ),
    "following people": _words(
        """
        movement movements entry_exit entries_exits border_crossing border_crossings travel_history
        whereabouts last_seen tracking track_person tracked_person location_history address_history
        previous_address previous_addresses past_address home_visit home_visits house_visit geofence
        geofences gps
        """
    ),
    "maps of people": _words(
        """
        heatmap heatmaps heat_map people_map map_of_people household_map households_map person_map
        map_people density_map
        """
    ),
    "the register in one piece": _words(
        """
        export_people export_persons export_households export_register export_registry people_export
        person_export households_export household_export register_export registry_export dump_people
        list_people people_list persons_list list_persons all_people all_persons all_households
        households_list list_households person_search people_search search_people search_persons
        browse_people
        """
    ),
}
# Only where somebody searches, filters or lists: writing an address down is a service, finding by it is not.
NEVER_SOUGHT = _words(
    """
    address addresses postal_code postcode workplace employer street neighbourhood neighborhood
    district_of_home status permit visa origin birthplace birth_place sex gender occupation job camp
    settlement
    """
)
# A person's place on earth: never beside the person.
COORDINATES = _words(
    """
    latitude longitude lat lon lng geom geometry coordinates geohash point
    """
)
# Kept sealed wherever they stand beside a family.
SEALED_ALWAYS = _words("address phone mobile postal_code telephone")
IDENTITY_PAPERS = _words(
    """
    person person_id household household_id document_number passport passport_number national_code
    national_id card_number worker_name full_name given_name family_name father_name birth_on
    portrait face
    """
)
# Last round's files name it, and a family's own page shows it: sealed and without an index it can be neither
# listed, counted nor sought.
KEPT_SEALED = frozenset({"nationality"})
# What a look-up at the counter finds by: masked, five at most, counted (guard.look_up); no list of people.
LOOK_UP_COLUMNS = frozenset({"registry_person.search_keys"})
# A family may have its own record corrected, and says it of a newborn: one case's field, never a list's.
CORRECTED_BY_REQUEST = frozenset(
    {
        ("ChangeField", "NATIONALITY"),
        ("ChangeField", "nationality"),
        ("form field", "BirthForm.nationality"),
        ("form field", "SpouseForm.nationality"),
        ("form field", "NewcomerForm.nationality"),
        ("code in registry/enums.py", "Nationality"),
    }
)
SEEKING = re.compile(r"look.?up|search|filter|find|list|browse|query", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Name:
    """Something that has a name: what it is, where it stands, and whether one seeks people by it."""

    kind: str
    text: str
    is_sought_by: bool = False


def words_of(text: str) -> list[str]:
    """`FaceMatch`, `face-match`, `face_match/` → face, match."""
    return [word.lower() for word in _WORD.findall(text)]


def _has(words: list[str], term: str) -> bool:
    parts = term.split("_")
    return any(words[start : start + len(parts)] == parts for start in range(len(words) - len(parts) + 1))


def refused_names(names: Iterable[Name]) -> list[str]:
    """One sentence for each name that stands for something refused."""
    found = []
    for name in names:
        if (name.kind, name.text) in CORRECTED_BY_REQUEST and not name.is_sought_by:
            continue
        words = words_of(name.text)
        for refusal, terms in NEVER.items():
            found += [f"{name.kind} {name.text}: {refusal} ({term})" for term in sorted(terms) if _has(words, term)]
        if name.is_sought_by:
            found += [
                f"{name.kind} {name.text}: people sought by {term}"
                for term in sorted(NEVER_SOUGHT)
                if _has(words, term)
            ]
    return found


def schema_names(cursor: Cursor) -> Iterator[Name]:
    """Tables, columns, indexes, and the definer functions with their arguments."""
    for table in tables(cursor):
        yield Name("table", table)
        yield from (
            Name("column", f"{table}.{column.name}")
            for column in columns(cursor, table)
            if f"{table}.{column.name}" not in LOOK_UP_COLUMNS
            and not (
                column.name in KEPT_SEALED and column.type == "bytea" and not _is_indexed(cursor, table, column.name)
            )
        )
    for (view,) in rows(cursor, "SELECT viewname FROM pg_views WHERE schemaname IN ('public', 'guard')"):
        yield Name("view", view)
    for (index,) in rows(cursor, "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"):
        yield Name("index", index)
    functions = rows(
        cursor,
        "SELECT p.proname, coalesce(p.proargnames, '{}') FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname = 'guard'",
    )
    for function, arguments in functions:
        yield Name("function", function)
        seeks = bool(SEEKING.search(function))
        yield from (Name("argument", f"{function}({argument})", seeks) for argument in arguments)


def _is_indexed(cursor: Cursor, table: str, column: str) -> bool:
    return bool(
        rows(
            cursor,
            "SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) "
            "WHERE i.indrelid = %s::regclass AND a.attname = %s",
            table,
            column,
        )
    )


def schema_faults(cursor: Cursor) -> list[str]:
    """What the schema itself must not hold, names apart."""
    found = refused_names(schema_names(cursor))
    for table in tables(cursor):
        if household_column(cursor, table) or table in {"registry_household", "registry_person"}:
            found += _faults_beside_people(cursor, table)
        if table.startswith("inspections_"):
            found += [
                f"column {table}.{column}: an inspection of persons"
                for column in column_names(cursor, table)
                if column in IDENTITY_PAPERS
            ]
    return found + inspection_path_faults(cursor) + _search_index_faults(cursor)


def _faults_beside_people(cursor: Cursor, table: str) -> list[str]:
    found = []
    for column in columns(cursor, table):
        words = words_of(column.name)
        if any(_has(words, term) for term in COORDINATES) or column.type in {"point", "polygon", "path"}:
            found.append(f"column {table}.{column.name}: maps of people")
        if any(_has(words, term) for term in SEALED_ALWAYS) and column.type != "bytea":
            found.append(f"column {table}.{column.name}: stands in the clear")
        if column.name in {"address_index", "postal_code_index", "address_hash", "postal_code_hash"}:
            found.append(f"column {table}.{column.name}: people sought by address")
    return found


def _search_index_faults(cursor: Cursor) -> list[str]:
    """An index over words of a people's table, other than the exact ones: a search of its own."""
    found = rows(
        cursor,
        "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'public' "
        "AND indexdef ~* 'gin_trgm|gist_trgm|to_tsvector|gist_geometry|spgist'",
    )
    people = {table for table, row_class in classes().items() if row_class == "personal"}
    return [f"index {index}: a search over {table}" for table, index in found if table in people]


def route_names(patterns: Iterable[URLPattern | URLResolver], prefix: str = "") -> Iterator[Name]:
    """Addresses, their names and the functions behind them."""
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from route_names(entry.url_patterns, route)
            continue
        seeks = bool(SEEKING.search(route) or SEEKING.search(entry.name or ""))
        yield Name("route", route, seeks)
        yield Name("route name", entry.name or "", seeks)
        yield Name("view", getattr(entry.callback, "__name__", ""), seeks)


class _Doing(HTMLParser):
    """What a page lets one do: names of fields, addresses, and the words on what can be pressed or headed."""

    SPOKEN = frozenset({"h1", "h2", "h3", "h4", "th", "label", "button", "legend", "a", "summary", "option"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []
        self._inside: list[str] = []
        self._seeks = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._seeks = given.get("method", "get").lower() == "get"
        if tag == "form" or "name" in given:
            self.found.append((given.get("name", ""), self._seeks))
        self.found += [(given[key], False) for key in ("id", "href", "action", "data-map") if given.get(key)]
        if tag in self.SPOKEN:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()
        if tag == "form":
            self._seeks = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append((data, False))


def template_names(folders: Iterable[Path]) -> Iterator[Name]:
    """File names, and what the pages let one do."""
    for folder in folders:
        for path in sorted(folder.rglob("*.html")):
            yield Name("template", path.relative_to(folder).as_posix())
            reader = _Doing()
            reader.feed(_spoken(path.read_text()))
            where = path.relative_to(folder).as_posix()
            yield from (Name(f"template {where}", text.strip(), seeks) for text, seeks in reader.found if text.strip())


def _spoken(text: str) -> str:
    """The template with the English sentence in place of each translation tag, and addresses by route name."""
    text = re.sub(r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{%\s*(?:translate|trans)\s+(['\"])(.*?)\1.*?%\}", r"\2", text)
    text = re.sub(r"\{%\s*url\s+['\"]([\w:-]+)['\"].*?%\}", r"\1", text)
    return re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)


def template_folders() -> list[Path]:
    return sorted(HOUSE.glob("*/templates"))


def choice_names(choices: Iterable[type[Choices]]) -> Iterator[Name]:
    """Roles, purposes, permissions, steps, kinds: whatever the house can call something."""
    for one in choices:
        for member in one:
            yield Name(f"{one.__name__}", str(member.name))
            yield Name(f"{one.__name__}", str(member.value))


def form_names(forms: Iterable[type[BaseForm]]) -> Iterator[Name]:
    """Fields of forms; by a form that seeks, the fields seek too."""
    for form in forms:
        seeks = bool(SEEKING.search(form.__name__))
        yield Name("form", form.__name__)
        fields: Any = getattr(form, "base_fields", {})
        yield from (Name("form field", f"{form.__name__}.{field}", seeks) for field in fields)


def parameter_names(sources: Iterable[tuple[str, str]]) -> Iterator[Name]:
    """Keys that code reads from a query: `GET["x"]`, `GET.get("x")`, `GET.getlist("x")`."""
    for where, source in sources:
        for node in ast.walk(ast.parse(source)):
            key = _key_of_query(node)
            if key is not None:
                yield Name(f"query parameter in {where}", key, True)


def _key_of_query(node: ast.AST) -> str | None:
    asked: ast.expr | None = None
    if isinstance(node, ast.Subscript) and _is_query(node.value):
        asked = node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_query(node.func.value):
        asked = node.args[0] if node.args else None
    return asked.value if isinstance(asked, ast.Constant) and isinstance(asked.value, str) else None


def _is_query(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"GET", "query_params"}


def own_sources() -> Iterator[tuple[str, str]]:
    for path in sorted(HOUSE.rglob("*.py")):
        yield path.relative_to(HOUSE).as_posix(), path.read_text()


def code_names(sources: Iterable[tuple[str, str]]) -> Iterator[Name]:
    """Modules, functions and classes: what is written but not wired yet."""
    for where, source in sources:
        yield Name("module", where)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
                yield Name(f"code in {where}", node.name)


def command_names(commands: Iterable[str]) -> Iterator[Name]:
    yield from (Name("command", command) for command in commands)


def own_commands() -> list[str]:
    """Management commands of ours and subcommands of the launcher."""
    from khedmat.config.cli import parser

    found = [name for name, app in get_commands().items() if str(app).startswith("khedmat")]
    return found + _subcommands(parser())


def _subcommands(parser: Any) -> list[str]:
    found: list[str] = []
    for action in parser._actions:
        inner_parsers: dict[str, Any] = getattr(action, "_name_parser_map", {})
        for name, inner in inner_parsers.items():
            found += [name, *_subcommands(inner)]
        found += [option.lstrip("-") for option in action.option_strings]
    return found


def own_classes(base: type) -> list[type]:
    """Every class of the house below `base`, found by importing all of it but migrations."""
    found = {}
    for module in walk_packages([str(HOUSE)], "khedmat."):
        if ".migrations" in module.name or module.name.endswith(("__main__", ".wsgi")):
            continue
        for _name, one in inspect.getmembers(import_module(module.name), inspect.isclass):
            if issubclass(one, base) and one.__module__.startswith("khedmat."):
                found[f"{one.__module__}.{one.__qualname__}"] = one
    return list(found.values())
