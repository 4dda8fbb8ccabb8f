"""What `node frontend/build.mjs` makes: the same bytes each time, whole, and without traces of a machine."""

import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "frontend" / "build.mjs"


def digest(folder: Path) -> dict[str, str]:
    """Hash of each file below a folder."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two builds into folders of their own, so that the site's own files stay untouched."""
    node = shutil.which("node")
    assert node, "Node 20 or newer is missing (`khedmat doctor`)"
    folders = [tmp_path_factory.mktemp("build") / "out" for _ in range(2)]
    for folder in folders:
        subprocess.run([node, str(BUILD), str(folder)], check=True, capture_output=True, cwd=ROOT)
    return folders


def test_build_twice_gives_the_same_bytes(built: list[Path]) -> None:
    first, second = map(digest, built)
    assert first == second
    assert {"css/khedmat.css", "css/bootstrap.rtl.css", "js/page.js", "img/icon-512.png"} <= first.keys()


def test_build_names_no_other_host_and_no_path_of_the_machine(built: list[Path]) -> None:
    for path in [p for p in built[0].rglob("*") if p.suffix in {".css", ".js", ".svg"}]:
        text = path.read_text(encoding="utf-8")
        assert str(ROOT) not in text, path
        assert "sourceMappingURL" not in text, path
        loaded = re.findall(r"(?:url\(|@import|fetch\(|import\()\s*[\"']?(?:https?:)?//[^)]*", text)
        assert loaded == [], path


def test_collecting_with_hashed_names_finds_every_file_that_is_named(built: list[Path], tmp_path: Path) -> None:
    storages = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    with override_settings(STATICFILES_DIRS=[built[0]], STATIC_ROOT=tmp_path, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").is_file()
