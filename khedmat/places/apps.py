"""The Scope tree: nation, province, county, city, office."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Official divisions come with the migrations; offices are added beneath their county."""

    name = "khedmat.places"
    label = "places"
