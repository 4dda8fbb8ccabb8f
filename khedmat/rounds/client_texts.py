"""What clients read of a version in their own language: rules, papers, what to do."""

from collections.abc import Mapping

from khedmat.common.text import localise_digits
from khedmat.rounds.enums import TextKind
from khedmat.rounds.errors import RowNotFound
from khedmat.rounds.models import ClientText, RequiredDocument, RoundRule, RoundVersion
from khedmat.rounds.rules.evaluation import PLACEHOLDER, readable
from khedmat.rounds.rules.specs import FactValue

Place = tuple[TextKind, str, str]  # kind, code, field
PERSIAN, ENGLISH = "fa", "en"
LANGUAGES = (PERSIAN, ENGLISH, "prs", "ps", "ar")
# "not known", "yes" and "no" where the site itself is not translated.
_WORDS: Mapping[str, tuple[str, str, str]] = {
    "prs": ("معلوم نیست", "بلی", "نخیر"),
    "ps": ("معلوم نه دی", "هو", "نه"),
    "ar": ("غير معلوم", "نعم", "لا"),
}


def client_text(version: RoundVersion, kind: TextKind | str, code: str, field: str, language: str) -> tuple[str, bool]:
    """A text in a client's language, and whether its translation was reviewed. Errors: RowNotFound.

    Placeholders `{fact}` stand as they are: `filled_for_client` fills them.
    """
    found = client_texts(version, language).get((TextKind(kind), code, field))
    if found is None:
        raise RowNotFound
    return found


def client_texts(version: RoundVersion, language: str) -> Mapping[Place, tuple[str, bool]]:
    """All texts of a version in one language, with whether each was reviewed (at most two queries).

    Persian and English are the version's own words, written by its managers. Where a version published before
    there were five languages lacks a text, the Persian one stands in its place, not reviewed.
    """
    own = _own_texts(version, ENGLISH if language == ENGLISH else PERSIAN)
    if language in {PERSIAN, ENGLISH}:
        return {place: (text, True) for place, text in own.items()}
    translated = {
        (TextKind(row.kind), row.code, row.field): (row.text, row.is_reviewed)
        for row in ClientText.objects.filter(version=version, language=language)
    }
    return {place: translated.get(place, (text, False)) for place, text in own.items()}


def filled_for_client(text: str, values: Mapping[str, FactValue], language: str) -> str:
    """A text with each `{fact}` as its readers write it; an unknown name stays as it is."""
    return PLACEHOLDER.sub(
        lambda found: _word(values[found[1]], language) if found[1] in values else found[0],
        text,
    )


def _word(value: FactValue, language: str) -> str:
    words = _WORDS.get(language)
    if words is None:
        return readable(value, language)
    if value is None or isinstance(value, bool):
        return words[0] if value is None else words[1 if value else 2]
    # Days are those of the Iranian calendar, which offices and papers use, in the reader's digits.
    return localise_digits(readable(value, "fa"), language)


def _own_texts(version: RoundVersion, language: str) -> dict[Place, str]:
    texts: dict[Place, str] = {}
    for rule in RoundRule.objects.filter(version=version):
        spec = rule.spec()
        texts[TextKind.RULE, rule.code, "title"] = spec.title.in_language(language)
        texts[TextKind.RULE, rule.code, "met"] = spec.sentence_met.in_language(language)
        texts[TextKind.RULE, rule.code, "unmet"] = spec.sentence_unmet.in_language(language)
        texts[TextKind.REMEDY, rule.code, "text"] = spec.remedy.in_language(language)
    for document in RequiredDocument.objects.filter(version=version):
        texts[TextKind.DOCUMENT, document.code, "title"] = document.spec().title.in_language(language)
    return texts
