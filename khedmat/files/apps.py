"""Stored files: checked, encrypted, with a digest and a retention rule."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "khedmat.files"
    verbose_name = _("Files")
