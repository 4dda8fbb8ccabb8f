"""Made-up values for each kind of letter: what the page of templates and the tests draw."""

from datetime import date, time
from typing import Final

from khedmat.notices.enums import LetterKind
from khedmat.notices.slots import Line, Result, Value, Words, words

OFFICE: Final = words("دفتر کفالت شهریار", en="Shahriar office", ar="مكتب شهريار", ps="د شهریار دفتر")
SERVICE: Final = words("آمایش ۱۸", en="Amayesh 18", ar="آمایش ١٨")
REACH: Final = words(
    "شهریار، خیابان ولیعصر، پلاک ۷، تلفن ۰۲۱۶۵۲۲۱۱۰۰، شنبه تا پنجشنبه ۸ تا ۱۴",
    en="7 Valiasr Street, Shahriar, telephone 02165221100, Saturday to Thursday 8:00 to 14:00",
    ar="شهريار، شارع ولي عصر، رقم ٧، هاتف ٠٢١٦٥٢٢١١٠٠، من السبت إلى الخميس ٨ إلى ١٤",
    ps="شهریار، د ولیعصر سړک، ۷ شمېره، ټېلیفون ۰۲۱۶۵۲۲۱۱۰۰، له شنبې تر پنجشنبې ۸ تر ۱۴",
)
SOURCE: Final = words(
    "شرایط اعلام‌شدهٔ دوره‌های ۱۴ و ۱۷؛ شمارهٔ بخشنامه در دست نیست",
    en="Published conditions of rounds 14 and 17; the circular's number is not at hand",
    ar="الشروط المعلنة للدورتين ١٤ و١٧؛ رقم التعميم غير متوفر",
    ps="د ۱۴ او ۱۷ دورو اعلان شوي شرایط؛ د متحدالمال شمېره نشته",
)
RULE: Final = words(
    "کارت دورهٔ پیش یا برگ تردد معتبر لازم است.",
    en="Last round's card or a valid laissez-passer is needed.",
    ar="يلزم تقديم بطاقة الدورة السابقة أو وثيقة مرور سارية.",
    ps="د تېرې دورې کارت یا د تګ راتګ معتبره پاڼه پکار ده.",
)
REASON: Final = words("کارت دورهٔ ۱۷ ارائه نشد و برگ تردد در ۱۴۰۵/۰۶/۳۱ تمام شده است.")
CARD: Final = words(
    "کارت آمایش ۱۷ یا برگ تردد معتبر",
    en="Amayesh 17 card or a valid laissez-passer",
    ar="بطاقة آمايش ١٧ أو وثيقة مرور سارية",
    ps="د آمایش ۱۷ کارت یا د تګ راتګ معتبره پاڼه",
)
SCHOOL: Final = words(
    "گواهی مدرسه برای فرزندان ۷ تا ۱۸ ساله",
    en="School certificate for children of 7 to 18 years",
    ar="شهادة مدرسية للأبناء من ٧ إلى ١٨ سنة",
    ps="د ۷ تر ۱۸ کلونو ماشومانو لپاره د ښوونځي تصدیق",
)
REMEDY: Final = words(
    "اگر کارت گم شده است، گواهی فقدان از دفتر بگیرید؛ همان پذیرفته می‌شود.",
    en="If the card is lost, ask the office for a certificate of loss; it is accepted instead.",
    ar="إن فُقدت البطاقة فاطلبوا من المكتب شهادة فقدان، فهي مقبولة بدلًا منها.",
    ps="که کارت ورک شوی وي، له دفتره د ورکېدو تصدیق واخلئ؛ هماغه منل کېږي.",
)
UNTRANSLATED: Final = Words(
    {"fa": "با تقاضای سرپرست به دفتر نزدیک‌تر به خانه", "en": "At the head's request, to an office nearer home"},
    frozenset({"en"}),
)

_EVERY: Final[dict[str, Value]] = {
    "office": OFFICE,
    "reach": REACH,
    "recipient": "غلام‌سخی رضایی",
    "service": SERVICE,
    "case_number": "18-0042817",
    "letter_number": "18-0042817/2",
    "made_on": date(2026, 11, 21),
    "source": SOURCE,
}

SAMPLES: Final[dict[LetterKind, dict[str, Value]]] = {
    LetterKind.DECISION: _EVERY
    | {
        "results": (
            Result("غلام‌سخی رضایی", "approved"),
            Result("زهرا رضایی", "refused", rule=RULE, reason=REASON, missing=(CARD,), remedy=REMEDY, source=SOURCE),
            Result("معصومه رضایی", "returned", reason=REASON, missing=(CARD, SCHOOL)),
        ),
        "bring_until": date(2026, 12, 6),
        "appeal_until": date(2026, 12, 3),
        "appeal_days": 10,
    },
    LetterKind.MISSING_PAPERS: _EVERY
    | {"missing": (CARD, SCHOOL), "bring_until": date(2026, 12, 6), "rule": RULE, "remedy": REMEDY},
    LetterKind.APPOINTMENT: _EVERY
    | {"day": date(2026, 12, 5), "time": time(9, 30), "bring": (CARD, SCHOOL), "booking_code": "4821-7739"},
    LetterKind.RECEIPT: _EVERY
    | {
        "lines": (
            Line(words("عوارض شهرداری، ۵ نفر و بیشتر", en="Municipal levy, 5 members and more"), 2_500_000),
            Line(words("صدور کارت، ۵ نفر", en="Card issue, 5 members"), 3_650_000),
        ),
        "total": 6_150_000,
        "method": words("کارت بانکی در دفتر", en="Bank card at the counter", ar="بطاقة مصرفية في المكتب"),
        "receipt_number": "1001",
        "paid_on": date(2026, 11, 21),
        "still_due": 1_000_000,
        "due_on": date(2027, 3, 20),
    },
    LetterKind.EXTENSION: _EVERY
    | {
        "printed_until": date(2027, 9, 22),
        "valid_until": date(2027, 12, 21),
        "notice": words("اطلاعیهٔ ۱۴۰۶/۱۲", en="Notice 1406/12", ar="إعلان ١٤٠٦/١٢"),
        "notice_on": date(2027, 8, 30),
        "check_address": "khedmat.example/verify",
    },
    LetterKind.APPEAL: _EVERY
    | {
        "results": (
            Result("زهرا رضایی", "upheld", rule=RULE, reason=REASON),
            Result("یوسف رضایی", "kept", rule=RULE, reason=REASON, missing=(SCHOOL,), remedy=REMEDY),
        ),
        "lodged_on": date(2026, 11, 28),
        "next_remedy": words("این تصمیم را می‌توانید در ملاقات عمومی مدیرکل نیز مطرح کنید."),
    },
    LetterKind.REFERRAL: _EVERY
    | {
        "to_office": words("دفتر کفالت ری", en="Rey office", ar="مكتب الري", ps="د ري دفتر"),
        "to_reach": words(
            "ری، خیابان فدائیان اسلام، پلاک ۱۲، تلفن ۰۲۱۵۵۹۰۰۰۰۰", en="12 Fadaiyan Street, Rey, 02155900000"
        ),
        "referred_on": date(2026, 11, 22),
        "reason": UNTRANSLATED,
    },
}
