"""Keys, encryption, signing."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Holds no model; its migration makes the schema `guard`, which knows who asks."""

    name = "khedmat.vault"
    label = "vault"
