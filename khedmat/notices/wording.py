"""How days, times, amounts and codes are written in each of the five languages, and the labels round a letter. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from khedmat.common.jalali import format_date, month_names, to_jalali
from khedmat.common.money import format_rial
from khedmat.common.text import localise_digits
from khedmat.notices.enums import Language

_PASHTO_MONTHS: Final = (
    "وری", "غویی", "غبرګولی", "چنګاښ", "زمری", "وږی",
    "تله", "لړم", "لیندۍ", "مرغومی", "سلواغه", "کب",
)  # fmt: skip
_MONTHS: Final = {Language.PRS: month_names("prs"), Language.PS: _PASHTO_MONTHS}
# As they are called in Iraq, whose people the Hoviat rounds are for.
_GREGORIAN_MONTHS_AR: Final = (
    "كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران",
    "تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول",
)  # fmt: skip
# Monday first, as in `date.weekday()`.
_WEEKDAYS: Final = {
    Language.PRS: ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنج‌شنبه", "جمعه", "شنبه", "یک‌شنبه"),
    Language.PS: ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"),
    Language.AR: ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
}


def day_words(day: date, language: str) -> str:
    """The weekday and the day.

    Persian: شنبه ۳۰ آبان ۱۴۰۵. Dari and Pashto name the month as at home, with the Iranian name behind it. Arabic and
    English give the Gregorian day first and the Jalali one, which offices go by, behind it.
    """
    if language in {Language.FA, Language.EN}:
        return format_date(day, language, "weekday")
    jalali, iranian = to_jalali(day), month_names("fa")
    weekday = _WEEKDAYS[Language(language)][day.weekday()]
    if language == Language.AR:
        here = f"{jalali.day} {iranian[jalali.month - 1]} {jalali.year}"
        text = f"{weekday} {day.day} {_GREGORIAN_MONTHS_AR[day.month - 1]} {day.year} ({here})"
    else:
        month = _MONTHS[Language(language)][jalali.month - 1]
        text = f"{weekday} {jalali.day} {month} ({iranian[jalali.month - 1]}) {jalali.year}"
    return localise_digits(text, language)


def time_words(at: time, language: str) -> str:
    """۹:۳۰, in English 09:30."""
    text = f"{at.hour:02}:{at.minute:02}" if language == Language.EN else f"{at.hour}:{at.minute:02}"
    return localise_digits(text, language)


def amount_words(rial: int, language: str) -> str:
    """The amount with its unit."""
    return format_rial(rial, language)


def code_words(code: str, language: str) -> str:
    """A code in the reader's digits; beside Latin letters they stay Latin, as on the printed card.

    So they do in Arabic: its digits turn round at a hyphen, even where the code is isolated.
    """
    if language == Language.AR or any("a" <= character.lower() <= "z" for character in code):
        return code
    return localise_digits(code, language)


@dataclass(frozen=True, slots=True)
class Labels:
    """The words round a letter. `ask` holds {office}, {reach} and {case_number}."""

    direction: str
    letter: str
    case: str
    day: str
    recipient: str
    page: str
    between: str
    ask_title: str
    ask: str
    unreviewed: str
    file_copy: str


LABELS: Final[Mapping[str, Labels]] = {
    Language.FA: Labels(
        direction="rtl",
        letter="شمارهٔ نامه",
        case="شمارهٔ پرونده",
        day="تاریخ",
        recipient="سرپرست خانوار",
        page="برگ {page} از {pages}",
        between="؛ ",
        ask_title="راه پرسیدن",
        ask="{office}، {reach}. شمارهٔ پروندهٔ {case_number} را بگویید.",
        unreviewed="بخشی از این نامه هنوز بازبینی نشده است.",
        file_copy="نسخهٔ پرونده",
    ),
    Language.PRS: Labels(
        direction="rtl",
        letter="نمبر مکتوب",
        case="نمبر دوسیه",
        day="تاریخ",
        recipient="سرپرست خانواده",
        page="صفحهٔ {page} از {pages}",
        between="؛ ",
        ask_title="طریقهٔ پرسیدن",
        ask="{office}، {reach}. نمبر دوسیهٔ {case_number} را بگویید.",
        unreviewed="ترجمهٔ این مکتوب هنوز بازبینی نشده است. هر جا فرق داشت، متن فارسی معتبر است.",
        file_copy="نقل دوسیه",
    ),
    Language.PS: Labels(
        direction="rtl",
        letter="د لیک شمېره",
        case="د دوسیې شمېره",
        day="نېټه",
        recipient="د کورنۍ مشر",
        page="مخ {page} له {pages}",
        between="؛ ",
        ask_title="د پوښتنې لار",
        ask="{office}، {reach}. د دوسیې شمېره {case_number} ووایئ.",
        unreviewed="د دې لیک ژباړه لا نه ده کتل شوې. چېرې چې توپیر ولري، فارسي متن معتبر دی.",
        file_copy="د دوسیې کاپي",
    ),
    Language.AR: Labels(
        direction="rtl",
        letter="رقم الرسالة",
        case="رقم الملف",
        day="التاريخ",
        recipient="رب الأسرة",
        page="صفحة {page} من {pages}",
        between="؛ ",
        ask_title="للاستفسار",
        ask="{office}، {reach}. اذكروا رقم الملف {case_number}.",
        unreviewed="لم تُراجَع ترجمة هذه الرسالة بعد. عند الاختلاف يُعتمد النص الفارسي.",
        file_copy="نسخة الملف",
    ),
    Language.EN: Labels(
        direction="ltr",
        letter="Letter number",
        case="Case number",
        day="Date",
        recipient="Head of the household",
        page="Page {page} of {pages}",
        between="; ",
        ask_title="How to reach us",
        ask="{office}, {reach}. Please give the case number {case_number}.",
        unreviewed="This translation has not been reviewed yet. Where it differs, the Persian text holds.",
        file_copy="File copy",
    ),
}


@dataclass(frozen=True, slots=True)
class SlipWords:
    """The words of a slip. `until` holds {until}."""

    title: str
    use: str
    until: str
    lost: str


SLIP_WORDS: Final[Mapping[str, SlipWords]] = {
    Language.FA: SlipWords(
        title="کد پروندهٔ شما",
        use="هر وقت خواستید بدانید کارتان به کجا رسیده است، این کد را در دفتر نشان دهید یا بخوانید. تلفن لازم نیست.",
        until="این کد تا {until} کار می‌کند.",
        lost="این برگه نامی ندارد. اگر گم شد، در دفتر کد تازه بگیرید.",
    ),
    Language.PRS: SlipWords(
        title="کود دوسیهٔ شما",
        use="هر وقت خواستید بدانید کارتان به کجا رسیده است، این کود را در دفتر نشان دهید یا بخوانید. تیلفون لازم نیست.",
        until="این کود تا {until} کار می‌کند.",
        lost="این ورق نام ندارد. اگر گم شد، در دفتر کود نو بگیرید.",
    ),
    Language.PS: SlipWords(
        title="ستاسو د دوسیې کوډ",
        use="هر وخت چې وغواړئ پوه شئ چې کار مو کوم ځای ته رسېدلی، دا کوډ په دفتر کې وښایئ یا ولولئ. "
        "ټېلیفون ته اړتیا نشته.",
        until="دا کوډ تر {until} پورې کار کوي.",
        lost="پر دې پاڼه نوم نشته. که ورکه شوه، په دفتر کې نوی کوډ واخلئ.",
    ),
    Language.AR: SlipWords(
        title="رمز ملفكم",
        use="متى أردتم معرفة أين وصلت معاملتكم فأظهروا هذا الرمز في المكتب أو اقرؤوه. لا حاجة إلى هاتف.",
        until="يبقى هذا الرمز صالحًا حتى {until}.",
        lost="لا اسم على هذه الورقة. إن ضاعت فخذوا رمزًا جديدًا من المكتب.",
    ),
    Language.EN: SlipWords(
        title="The code of your case",
        use="Whenever you want to know how far your case has come, show or read out this code at the office. "
        "You need no telephone.",
        until="The code works until {until}.",
        lost="There is no name on this slip. If it is lost, ask the office for a new code.",
    ),
}
