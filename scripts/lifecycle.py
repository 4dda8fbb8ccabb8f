"""Writes docs/lifecycle.md from the code."""

import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khedmat.config.settings")
django.setup()

from khedmat.casework.drawing import lifecycle_page  # noqa: E402

(Path(__file__).resolve().parent.parent / "docs" / "lifecycle.md").write_text(lifecycle_page(), encoding="utf-8")
