"""People, households, identity documents."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """A person is reached through a case or a presented document, never by browsing."""

    name = "khedmat.registry"
    label = "registry"
