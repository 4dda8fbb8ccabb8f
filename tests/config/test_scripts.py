"""The gates of scripts/ find what they are there to find."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import khedmat

ROOT = Path(khedmat.__file__).parents[1]


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("lines", "found"), [(49, 0), (50, 1)])
def test_maxima_count_the_lines_of_a_function(tmp_path: Path, lines: int, found: int) -> None:
    _write(tmp_path / "khedmat" / "a.py", "def f():\n" + "    x = 1\n" * lines)

    assert len(list(_script("maxima").findings(tmp_path))) == found


@pytest.mark.parametrize(
    ("path", "lines", "found"),
    [
        ("khedmat/a.py", 500, 0),
        ("khedmat/a.py", 501, 1),
        ("tests/a.py", 1000, 0),
        ("tests/a.py", 1001, 1),
        ("khedmat/x/migrations/0001_a.py", 900, 0),
    ],
)
def test_maxima_count_the_lines_of_a_file(tmp_path: Path, path: str, lines: int, found: int) -> None:
    _write(tmp_path / path, "x = 1\n" * lines)

    assert len(list(_script("maxima").findings(tmp_path))) == found


_HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('msgid "Save %(name)s"\nmsgstr "ذخیره %(name)s"\n', None),
        ('msgid "Save %(name)s"\nmsgstr "ذخیره"\n', "placeholders"),
        ('msgid "Save %(name)s"\nmsgstr ""\n', "empty"),
        ('#, fuzzy\nmsgid "Save %(name)s"\nmsgstr "ذخیره %(name)s"\n', "fuzzy"),
        ('#~ msgid "Save %(name)s"\n#~ msgstr "ذخیره %(name)s"\n', "obsolete"),
        ("", "no Persian text"),
    ],
)
def test_catalogues_want_a_whole_persian_text(tmp_path: Path, entry: str, words: str | None) -> None:
    _write(tmp_path / "khedmat" / "a" / "x.py", '_("Save %(name)s")\n')
    _write(tmp_path / "khedmat" / "a" / "locale" / "fa" / "LC_MESSAGES" / "django.po", _HEAD + entry)

    found = list(_script("catalogues").findings(tmp_path))

    assert (words is None and not found) or any(str(words) in sentence for sentence in found)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{% load i18n %}{% translate "It\'s (here)" %}', (None, "It's (here)")),
        ('{% translate "Open" context "door" %}', ("door", "Open")),
        ("{% blocktranslate with a=b %}Hello {{ a }}{% endblocktranslate %}", (None, "Hello %(a)s")),
        ('<p title="{{ _("Close") }}">it\'s</p>', (None, "Close")),
    ],
)
def test_catalogues_read_templates(tmp_path: Path, source: str, message: tuple[str | None, str]) -> None:
    _write(tmp_path / "khedmat" / "a" / "templates" / "a" / "x.html", source)

    assert list(_script("catalogues").used_messages(tmp_path)) == [message]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('gettext_lazy("A")', (None, "A")),
        ('pgettext("menu", "B")', ("menu", "B")),
        ('ngettext("one", "many", n)', (None, "one")),
    ],
)
def test_catalogues_read_python(tmp_path: Path, source: str, message: tuple[str | None, str]) -> None:
    _write(tmp_path / "khedmat" / "a" / "x.py", source)

    assert list(_script("catalogues").used_messages(tmp_path)) == [message]


def test_lock_files_name_no_registry() -> None:
    locks = [*(ROOT / "requirements").glob("*.txt"), ROOT / "package-lock.json"]

    assert len(locks) >= 4
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "--index-url" not in text, lock
        assert "--find-links" not in text, lock
        assert '"resolved": "http' not in text, lock
