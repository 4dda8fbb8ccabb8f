"""People, households, identity documents."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """A person is reached through a case or a presented document, never by browsing."""

    name = "khedmat.registry"
    label = "registry"

    def ready(self) -> None:
        """Have the engine of imports bring people in."""
        from khedmat.imports.kinds import register_kind
        from khedmat.registry.importing.kind import PeopleImport
        from khedmat.registry.web.import_options import PeopleOptions

        register_kind(PeopleImport(PeopleOptions))
