"""The people register's fields, with the headings under which offices send them."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from khedmat.imports.schema import Field, Schema

PEOPLE: Final = Schema(
    code="people",
    fields=(
        Field(
            "household_code",
            "کد خانوار",
            _("Household code"),
            ("کد خانواده", "شماره خانوار", "شماره خانواده", "شناسه خانوار", "شماره پرونده خانوار", "household no"),
            required=True,
        ),
        Field(
            "relation",
            "نسبت با سرپرست",
            _("Relation to the head"),
            ("نسبت", "نسبت با سرپرست خانوار", "نسبت با سرپرست خانواده", "نسبت به سرپرست", "relationship"),
            required=True,
        ),
        Field("given_name", "نام", _("Given name"), ("نام کوچک", "اسم", "first name", "name"), required=True),
        Field(
            "family_name",
            "نام خانوادگی",
            _("Family name"),
            ("شهرت", "تخلص", "فامیل", "فامیلی", "نام فامیل", "نام خانواد گی", "surname", "last name"),
        ),
        Field("father_name", "نام پدر", _("Father's name"), ("ولد", "اسم پدر", "فرزند", "father"), required=True),
        Field(
            "grandfather_name",
            "نام پدربزرگ",
            _("Grandfather's name"),
            ("نام پدر بزرگ", "نام جد", "ولدیت پدر", "نام پدر کلان", "grandfather"),
        ),
        Field(
            "latin_name",
            "نام لاتین",
            _("Name in Latin letters"),
            ("نام به لاتین", "نام انگلیسی", "نام و نام خانوادگی لاتین", "name in english", "latin"),
        ),
        Field("sex", "جنسیت", _("Sex"), ("جنس", "gender")),
        Field(
            "birth_on",
            "تاریخ تولد",
            _("Birth date"),
            ("ت تولد", "تولد", "تاریخ ولادت", "متولد", "date of birth", "birth date", "dob"),
            required=True,
        ),
        Field(
            "birth_place",
            "محل تولد",
            _("Birth place"),
            ("محل ولادت", "شهر تولد", "ولایت", "place of birth"),
        ),
        Field("nationality", "تابعیت", _("Nationality"), ("ملیت", "کشور تابعیت", "citizenship", "country")),
        Field(
            "document_kind",
            "نوع مدرک",
            _("Kind of document"),
            ("نوع کارت", "نوع مدرک شناسایی", "نوع مدرک اقامتی", "نوع سند", "document type"),
        ),
        Field(
            "document_number",
            "شماره مدرک",
            _("Number of document"),
            (
                "شماره کارت",
                "شماره مدرک شناسایی",
                "شماره کارت آمایش",
                "شماره سند",
                "شماره مدرک اقامتی",
                "ش مدرک",
                "ش کارت",
                "card number",
                "card no",
                "document no",
            ),
            required=True,
        ),
        Field(
            "issued_on",
            "تاریخ صدور",
            _("Date of issue"),
            ("صدور", "تاریخ صدور مدرک", "تاریخ صدور کارت", "issue date", "date of issue"),
        ),
        Field(
            "valid_until",
            "تاریخ اعتبار",
            _("Date of validity"),
            ("اعتبار", "تاریخ انقضا", "انقضا", "تاریخ پایان اعتبار", "اعتبار تا", "اعتبار مدرک", "expiry date"),
        ),
        Field(
            "fida_code",
            "کد فراگیر",
            _("Unique code (FIDA)"),
            ("کد فیدا", "فیدا", "کد اختصاصی", "کد فراگیر اتباع", "شناسه فراگیر", "کد یکتا", "fida"),
        ),
        Field("province", "استان", _("Province"), ("استان محل سکونت", "استان محل اقامت", "استان سکونت")),
        Field("county", "شهرستان", _("County"), ("شهرستان محل سکونت", "شهرستان محل اقامت", "شهر", "city")),
        Field("address", "نشانی", _("Address"), ("آدرس", "نشانی محل سکونت", "آدرس محل سکونت", "محل سکونت")),
        Field("postal_code", "کد پستی", _("Postal code"), ("کدپستی ده رقمی", "کد پستی ۱۰ رقمی", "postcode")),
        Field(
            "phone",
            "تلفن همراه",
            _("Mobile telephone"),
            ("موبایل", "شماره موبایل", "شماره همراه", "همراه", "تلفن", "شماره تماس", "شماره تلفن همراه", "mobile"),
        ),
    ),
    sentences={
        "relation-unknown": _(
            "%(field)s %(value)s is not known. Write head, spouse, son, daughter, father, mother, brother, sister, "
            "grandchild or other."
        ),
        "relation-needs-sex": _("%(field)s %(value)s does not say son or daughter. Write which, or fill in Sex."),
        "sex-unknown": _("%(field)s %(value)s is not known. Write female or male."),
        "sex-contradicts-relation": _("%(field)s %(value)s does not fit the relation. Correct one of the two."),
        "nationality-unknown": _("%(field)s %(value)s is not known. Write the country, such as Afghanistan."),
        "document-kind-unknown": _("%(field)s %(value)s is not known. Write it as in the list, such as Amayesh card."),
        "province-unknown": _("%(field)s %(value)s is not the name of a province. Write the official name."),
        "province-other": _("%(field)s %(value)s is another province than this file's. Send the row to that province."),
        "county-unknown": _("%(field)s %(value)s is not a county of this province. Write its official name."),
        "latin-letters": _("%(field)s %(value)s has other letters. Write it in Latin letters."),
        "issue-before-birth": _("%(field)s %(value)s lies before the birth. Correct one of the two dates."),
        "expiry-before-issue": _("%(field)s %(value)s lies before the day of issue. Correct one of the two dates."),
        # Notes.
        "sex-from-relation": _("%(field)s was empty; it was taken from the relation to the head."),
        "relation-from-sex": _("%(field)s %(value)s was read as son or daughter by the sex."),
        "no-document-number": _("%(field)s is empty; a child may have no document yet."),
        "document-kind-from-round": _("%(field)s was empty; the card of this file's round was assumed."),
        "fida-length": _("%(field)s %(value)s does not have 12 digits. Look at it once more."),
    },
)  # fmt: skip
