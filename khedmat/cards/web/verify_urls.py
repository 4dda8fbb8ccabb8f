"""Addresses below /verify/."""

from django.urls import path

from khedmat.cards.web import verify

app_name = "verify"

urlpatterns = [
    path("", verify.verify_page, {"language": "fa"}, name="page"),
    path("en/", verify.verify_page, {"language": "en"}, name="page-en"),
    path("bundle", verify.verify_bundle, name="bundle"),
    path("anchor.json", verify.anchor, name="anchor"),
    path("sw.js", verify.service_worker, name="worker"),
    path("manifest.webmanifest", verify.manifest, {"language": "fa"}, name="manifest"),
    path("en/manifest.webmanifest", verify.manifest, {"language": "en"}, name="manifest-en"),
]
