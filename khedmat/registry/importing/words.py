"""The words that offices write for a relation, a sex, a kind of document, a country, a place."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from khedmat.imports.headings import fold_heading
from khedmat.places.enums import ScopeKind
from khedmat.places.official import official_places
from khedmat.registry.enums import DocumentKind, Nationality, Relation, Sex


def word_key(word: str) -> str:
    """The key under which a word is looked up: no spaces, marks, punctuation or letter variants."""
    return fold_heading(word)


def _table(words: Mapping[str, str]) -> dict[str, str]:
    """From a value with its words, divided by «،»."""
    return {word_key(word): value for value, line in words.items() for word in line.split("،")}


CHILD: Final = "child"
RELATIONS: Final = _table(
    {
        Relation.HEAD: "سرپرست،سرپرست خانوار،سرپرست خانواده،خود سرپرست،خود،رئیس خانوار،رییس خانواده،head،self",
        Relation.SPOUSE: "همسر،زوجه،زوج،همسر سرپرست،زن،شوهر،خانم،spouse،wife،husband",
        Relation.SON: "پسر،فرزند پسر،فرزند ذکور،فرزند مذکر،son",
        Relation.DAUGHTER: "دختر،فرزند دختر،فرزند اناث،فرزند مونث،daughter",
        CHILD: "فرزند،بچه،اولاد،child",
        Relation.MOTHER: "مادر،والده،mother",
        Relation.FATHER: "پدر،والد،father",
        Relation.SISTER: "خواهر،همشیره،sister",
        Relation.BROTHER: "برادر،brother",
        Relation.GRANDCHILD: "نوه،نواسه،grandchild",
        Relation.OTHER: "سایر،دیگر،سایر بستگان،عروس،داماد،عمو،عمه،دایی،خاله،برادرزاده،خواهرزاده،پدربزرگ،مادربزرگ،other",
    }
)
SEX_OF_RELATION: Final[Mapping[str, Sex]] = {
    Relation.SON: Sex.MALE,
    Relation.FATHER: Sex.MALE,
    Relation.BROTHER: Sex.MALE,
    Relation.DAUGHTER: Sex.FEMALE,
    Relation.MOTHER: Sex.FEMALE,
    Relation.SISTER: Sex.FEMALE,
}
# Words of a spouse that tell the sex.
SEX_OF_WORD: Final = _table({Sex.FEMALE: "زوجه،زن،خانم،wife", Sex.MALE: "زوج،شوهر،husband"})
SEXES: Final = _table(
    {
        Sex.FEMALE: "زن،ز،مونث،مؤنث،دختر،خانم،اناث،female،f،woman",
        Sex.MALE: "مرد،م،مذکر،پسر،آقا،ذکور،male،m،man",
    }
)
DOCUMENT_KINDS: Final = _table(
    {
        DocumentKind.AMAYESH_CARD: "کارت آمایش،آمایش،کارت امایش،کارت شناسایی آمایش،amayesh card،amayesh",
        DocumentKind.HOVIAT_CARD: "کارت هویت،هویت،کارت هویت ویژه،hoviat card،hoviat",
        DocumentKind.REFUGEE_BOOKLET: "دفترچه پناهندگی،پناهندگی،دفترچه پناهندگان،refugee booklet",
        DocumentKind.HOUSEHOLD_PASSPORT: "گذرنامه خانواری،پاسپورت خانواری،household passport",
        DocumentKind.PASSPORT: "گذرنامه،پاسپورت،گذرنامه با روادید،گذرنامه با اقامت،گذرنامه دارای اقامت،passport",
        DocumentKind.RESIDENCE_BOOKLET: "دفترچه اقامت،دفترچه اقامتی،residence booklet",
        DocumentKind.HEADCOUNT_SLIP: "برگه سرشماری،برگ سرشماری،سرشماری،headcount slip",
        DocumentKind.LAISSEZ_PASSER: "برگ تردد،برگه تردد،لسه پاسه،laissez passer",
        DocumentKind.SMART_CARD: "کارت هوشمند،کارت هوشمند شناسایی،هوشمند،smart card،smart id card",
        DocumentKind.TAZKIRA: "تذکره،تذکره الکترونیکی،تذکره برقی،tazkira،tazkera",
        DocumentKind.BIRTH_CERTIFICATE: "گواهی ولادت،گواهی تولد،شناسنامه،birth certificate",
        DocumentKind.FIDA_CODE: "کد فراگیر،فیدا،کد فیدا،کد اختصاصی،fida،fida code",
    }
)
CARD_OF_PROGRAMME: Final[Mapping[str, DocumentKind]] = {
    "amayesh": DocumentKind.AMAYESH_CARD,
    "hoviat": DocumentKind.HOVIAT_CARD,
}
NATIONALITIES: Final = _table(
    {
        Nationality.AFGHANISTAN: "افغانستان،افغانستانی،افغان،افغانی،afghanistan،afghan،afg،af",
        Nationality.IRAQ: "عراق،عراقی،iraq،iraqi،irq،iq",
        Nationality.PAKISTAN: "پاکستان،پاکستانی،pakistan،pakistani،pak،pk",
        Nationality.BANGLADESH: "بنگلادش،بنگلادشی،bangladesh،bgd",
        Nationality.INDIA: "هند،هندوستان،هندی،india،indian،ind",
        Nationality.SYRIA: "سوریه،سوری،syria،syrian،syr",
        Nationality.LEBANON: "لبنان،لبنانی،lebanon،lbn",
        Nationality.TURKEY: "ترکیه،ترک،turkey،türkiye،tur",
        Nationality.AZERBAIJAN: "آذربایجان،جمهوری آذربایجان،آذربایجانی،azerbaijan،aze",
        Nationality.ARMENIA: "ارمنستان،ارمنی،armenia،arm",
        Nationality.TAJIKISTAN: "تاجیکستان،تاجیک،tajikistan،tjk",
        Nationality.TURKMENISTAN: "ترکمنستان،ترکمن،turkmenistan،tkm",
        Nationality.UZBEKISTAN: "ازبکستان،ازبک،uzbekistan،uzb",
        Nationality.MYANMAR: "میانمار،برمه،myanmar،mmr",
        Nationality.SOMALIA: "سومالی،سومالیایی،somalia،som",
        Nationality.YEMEN: "یمن،یمنی،yemen،yem",
        Nationality.PALESTINE: "فلسطین،فلسطینی،palestine،pse",
        Nationality.KUWAIT: "کویت،کویتی،kuwait،kwt",
        Nationality.STATELESS: "بدون تابعیت،بی تابعیت،stateless",
        Nationality.IRAN: "ایران،ایرانی،iran،iranian،irn",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """Official codes by the folded name: of provinces, and of counties by province."""

    provinces: Mapping[str, str]
    counties: Mapping[tuple[str, str], str]

    def province(self, name: str) -> str | None:
        """The province's code; «استان» before the name does not matter."""
        key = word_key(name)
        return self.provinces.get(key) or self.provinces.get(key.removeprefix("استان"))

    def county(self, province: str, name: str) -> str | None:
        """The county's code within a province; «شهرستان» or «شهر» before the name does not matter."""
        key = word_key(name)
        spellings = (key, key.removeprefix("شهرستان"), key.removeprefix("شهر"))
        return next((self.counties[province, one] for one in spellings if (province, one) in self.counties), None)


@lru_cache(maxsize=1)
def official_place_names() -> PlaceNames:
    """The names that ship with the house (khedmat.places.official)."""
    provinces: dict[str, str] = {}
    counties: dict[tuple[str, str], str] = {}
    code_of_id: dict[int | None, str] = {}
    for place in official_places():
        if place.kind == ScopeKind.PROVINCE:
            code_of_id[place.id] = place.code
            provinces[word_key(place.name_fa)] = place.code
            provinces[word_key(place.name_en)] = place.code
        elif place.kind == ScopeKind.COUNTY:
            counties[code_of_id[place.parent_id], word_key(place.name_fa)] = place.code
    return PlaceNames(provinces, counties)
