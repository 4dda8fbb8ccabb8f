"""Synthetic families, the same for the same seed. First names come from the shared list (MIT, see data/)."""

import io
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from khedmat.registry.enums import DocumentKind, Relation, Sex
from khedmat.registry.rules import DocumentEntry, HouseholdEntry, MemberEntry

NAMES_FILE = Path(__file__).parent / "data" / "first_names_with_gender.json"

# Latin spellings of the common names that families here carry; the list itself has Persian ones only.
WOMEN = {
    "زهرا": "Zahra", "فاطمه": "Fatima", "مریم": "Maryam", "معصومه": "Masuma", "رقیه": "Ruqaya",
    "زینب": "Zainab", "لیلا": "Laila", "سمیه": "Sumaya", "راضیه": "Razia", "مرضیه": "Marzia",
    "نرگس": "Nargis", "حدیثه": "Hadisa", "ریحانه": "Rayhana", "سحر": "Sahar", "نیلوفر": "Nilufar",
    "فرشته": "Farishta", "یلدا": "Yalda", "ستایش": "Setayesh", "کوثر": "Kawsar", "عاطفه": "Atifa",
}  # fmt: skip
MEN = {
    "محمد": "Mohammad", "علی": "Ali", "حسین": "Hussain", "حسن": "Hassan", "رضا": "Reza", "مهدی": "Mahdi",
    "احمد": "Ahmad", "عباس": "Abbas", "یوسف": "Yusuf", "ابراهیم": "Ibrahim", "محمدعلی": "Mohammad Ali",
    "حسینعلی": "Hussain Ali", "جواد": "Jawad", "هادی": "Hadi", "یاسین": "Yasin", "مصطفی": "Mostafa",
    "سعید": "Saeed", "میلاد": "Milad", "یونس": "Yunus", "مرتضی": "Mortaza",
}  # fmt: skip
SURNAMES = {
    "رضایی": "Rezai", "حسینی": "Hosseini", "نوری": "Noori", "احمدی": "Ahmadi", "رحیمی": "Rahimi",
    "کریمی": "Karimi", "جعفری": "Jafari", "محمدی": "Mohammadi", "عزیزی": "Azizi", "حیدری": "Haidari",
    "سلطانی": "Sultani", "امیری": "Amiri", "صفدری": "Safdari", "یعقوبی": "Yaqubi", "ابراهیمی": "Ibrahimi",
}  # fmt: skip
SKIN = ((214, 178, 148), (196, 154, 120), (180, 136, 104), (224, 190, 162))
CLOTH = ((52, 74, 96), (96, 62, 60), (58, 84, 66), (84, 78, 110), (60, 60, 66))


def make_family(number: int, seed: int, today: date, last_series: str = "amayesh-17") -> HouseholdEntry:
    """Family `number` of a seed: two parents as a rule, up to five children, last round's cards in hand."""
    random = Random(f"{seed}/{number}")  # noqa: S311 - synthetic data, repeatable on purpose
    surname, latin_surname = random.choice(sorted(SURNAMES.items()))
    head_is_woman = random.random() < 0.12  # noqa: PLR2004
    members: list[MemberEntry] = []
    head_age = random.randint(27, 58)
    grandfather = random.choice(sorted(MEN))

    def add(relation: Relation, sex: Sex, age: int, father: str) -> str:
        given, latin = random.choice(sorted((WOMEN if sex == Sex.FEMALE else MEN).items()))
        birth = today - timedelta(days=age * 365 + random.randint(20, 340))
        card = DocumentEntry(
            kind=DocumentKind.AMAYESH_CARD,
            number=card_number(number, len(members)),
            series=last_series,
            issued_on=today - timedelta(days=400),
            valid_until=today + timedelta(days=20),
        )
        members.append(
            MemberEntry(
                given_name=given,
                family_name=surname,
                latin_name=f"{latin} {latin_surname}",
                father_name=father,
                sex=sex,
                birth_on=birth,
                relation=relation,
                documents=(card,),
            )
        )
        return given

    head = add(Relation.HEAD, Sex.FEMALE if head_is_woman else Sex.MALE, head_age, grandfather)
    if not head_is_woman:
        add(Relation.SPOUSE, Sex.FEMALE, max(20, head_age - random.randint(0, 7)), random.choice(sorted(MEN)))
    for child in range(random.choice((1, 2, 2, 3, 3, 3, 4, 5))):
        sex = random.choice((Sex.FEMALE, Sex.MALE))
        age = max(1, min(head_age - 20, 17) - child * 2)
        add(Relation.DAUGHTER if sex == Sex.FEMALE else Relation.SON, sex, age, grandfather if head_is_woman else head)
    return HouseholdEntry(members=tuple(members), phone=f"+98912{random.randint(0, 9_999_999):07d}", address="")


def card_number(family: int, member: int) -> str:
    """The number on last round's card of a synthetic family's member: `17` and nine digits."""
    return f"17{441_000_000 + family * 20 + member}"


@cache
def portrait(shade: int = 0) -> bytes:
    """A drawn head and shoulders as JPEG, 600 × 800; nobody's face. `shade` varies skin and clothes."""
    picture = Image.new("RGB", (600, 800), (232, 234, 230))
    draw = ImageDraw.Draw(picture)
    skin, cloth = SKIN[shade % len(SKIN)], CLOTH[shade % len(CLOTH)]
    draw.ellipse((70, 520, 530, 1060), fill=cloth)
    draw.rounded_rectangle((255, 430, 345, 580), radius=40, fill=skin)
    draw.ellipse((185, 150, 415, 480), fill=skin)
    draw.chord((175, 120, 425, 400), 180, 360, fill=(48, 40, 36))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()
