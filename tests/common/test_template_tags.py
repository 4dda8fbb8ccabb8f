import datetime as dt

import pytest
from django.template import Context, Template
from django.utils import translation

ABAN_30 = dt.date(2026, 11, 21)
MOMENT = dt.datetime(2026, 11, 20, 22, 14, tzinfo=dt.UTC)


def render(source: str, language: str = "fa", **values: object) -> str:
    with translation.override(language):
        return Template("{% load khedmat %}" + source).render(Context(values))


@pytest.mark.parametrize(
    ("source", "value", "persian", "english"),
    [
        (
            "{{ value|jalali }}",
            ABAN_30,
            '<time class="k-code" datetime="2026-11-21">۱۴۰۵/۰۸/۳۰</time>',
            '<time class="k-code" datetime="2026-11-21">2026-11-21</time>',
        ),
        (
            "{{ value|jalali_long }}",
            MOMENT,
            '<time class="k-date" datetime="2026-11-21">۳۰ آبان ۱۴۰۵</time>',
            '<time class="k-date" datetime="2026-11-21">21 November 2026 (30 Aban 1405)</time>',
        ),
        (
            "{{ value|jalali_weekday }}",
            ABAN_30,
            '<time class="k-date" datetime="2026-11-21">شنبه ۳۰ آبان ۱۴۰۵</time>',
            '<time class="k-date" datetime="2026-11-21">Saturday 21 November 2026 (30 Aban 1405)</time>',
        ),
        (
            "{{ value|jalali_time }}",
            MOMENT,
            '<time class="k-date" datetime="2026-11-20T22:14:00+00:00">۱۴۰۵/۰۸/۳۰، ۱:۴۴</time>',
            '<time class="k-date" datetime="2026-11-20T22:14:00+00:00">2026-11-21, 01:44</time>',
        ),
        (
            "{{ value|rial }}",
            1_200_000,
            '<bdi class="k-code">۱٬۲۰۰٬۰۰۰</bdi> ریال',
            '<bdi class="k-code">1,200,000</bdi> rial',
        ),
        (
            "{{ value|amount }}",
            0,
            '<bdi class="k-code">۰</bdi>',
            '<bdi class="k-code">0</bdi>',
        ),
        ("{{ value|digits }}", 5, "۵", "5"),
        (
            "{{ value|code }}",
            "18-042-۰۰۸۱۵",
            '<bdi class="k-code">۱۸-۰۴۲-۰۰۸۱۵</bdi>',
            '<bdi class="k-code">18-042-00815</bdi>',
        ),
        (
            "{{ value|code }}",
            "A18-042-2Q4W8W",
            '<bdi class="k-code">A18-042-2Q4W8W</bdi>',
            '<bdi class="k-code">A18-042-2Q4W8W</bdi>',
        ),
    ],
)
def test_filters_speak_the_readers_language(source: str, value: object, persian: str, english: str) -> None:
    assert render(source, value=value) == persian
    assert render(source, "en", value=value) == english


FILTERS = [
    "jalali",
    "jalali_long",
    "jalali_weekday",
    "jalali_time",
    "rial",
    "amount",
    "digits",
    "code",
    "isolate",
]


@pytest.mark.parametrize("name", FILTERS)
def test_filters_show_nothing_for_none(name: str) -> None:
    assert render("{{ value|" + name + " }}", value=None) == ""


@pytest.mark.parametrize("name", ["digits", "code", "isolate"])
def test_filters_escape_what_they_show(name: str) -> None:
    html = render("{{ value|" + name + " }}", value='<b>"')
    assert "<b>" not in html
    assert "&lt;b&gt;&quot;" in html


@pytest.mark.parametrize("value", ["<b>", 1.5])
def test_rial_refuses_what_is_not_an_amount(value: object) -> None:
    with pytest.raises(TypeError):
        render("{{ value|rial }}", value=value)


def test_icon_is_hidden_from_readers_and_flips_on_request() -> None:
    assert render('{% icon "clock" %}') == '<i class="bi bi-clock" aria-hidden="true"></i>'
    flipped = '<i class="bi bi-chevron-left k-flip me-1" aria-hidden="true"></i>'
    assert render('{% icon "chevron-left" flip=True extra="me-1" %}') == flipped


def test_icon_refuses_what_is_not_a_name() -> None:
    with pytest.raises(ValueError, match="icon"):
        render("{% icon value %}", value='x" onload="')


def test_status_says_it_in_words_and_escapes_them() -> None:
    html = render('{% status "ok" value %}', value="<b>")
    assert html == '<span class="k-status is-pill" data-tone="ok">&lt;b&gt;</span>'
    hollow = '<span class="k-status is-open" data-tone="mute">باز</span>'
    assert render('{% status "mute" "باز" pill=False hollow=True %}') == hollow


def test_status_refuses_an_unknown_tone() -> None:
    with pytest.raises(ValueError, match="tone"):
        render('{% status "red" "x" %}')
