"""Files that come in: read, checked, corrected, imported."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """The engine; what is imported is registered with it by the app whose rows they are."""

    name = "khedmat.imports"
    label = "imports"

    def ready(self) -> None:
        """Let tables be larger than papers."""
        from khedmat.files.web.uploads import take_larger
        from khedmat.imports.reading import MAX_BYTES

        take_larger("/imports/", MAX_BYTES)
