"""`/verify`: the card check that works offline. Public, the same for everyone, and blind to who checks what."""

from hashlib import sha256
from typing import Final

from csp.decorators import csp_update
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khedmat.accounts.gate import public_page
from khedmat.cards import selectors
from khedmat.cards.web.verify_texts import verify_texts

REASON: Final = "anyone may check a card; the page is the same for everyone and a check never reaches the server"
BUNDLE_SECONDS: Final = 5 * 60
WORKER_FILE: Final = "verify/sw.js"
# The QR decoder is WebAssembly (ADR 0004); this allows compiling it and nothing else.
WASM: Final = {"script-src": ["'wasm-unsafe-eval'"]}
GROUND, BAR = "#f6f3ed", "#0c3d40"


@public_page(reason=REASON)
@require_safe
@csp_update(WASM)  # type: ignore[arg-type]  # django-csp types one directive's value too narrowly
def verify_page(request: HttpRequest, language: str) -> HttpResponse:
    """The page in `language`, by its address and not by a cookie: so that a device can keep both."""
    with translation.override(language):
        response = render(request, "cards/verify.html", {"texts": verify_texts()})
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    return response


@public_page(reason=REASON)
@require_safe
def verify_bundle(request: HttpRequest) -> HttpResponse:
    """The signed bundle; 304 while it has not changed."""
    message = selectors.current_verify_bundle()
    etag = f'"{sha256(message).hexdigest()}"'
    response = HttpResponse(message, content_type="application/cose")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age={BUNDLE_SECONDS}"
    return get_conditional_response(request, etag=etag, response=response) or response


@public_page(reason=REASON)
@require_safe
def anchor(_request: HttpRequest) -> HttpResponse:
    """The public key that signs bundles, as a JSON Web Key; a device pins the first it meets."""
    response = JsonResponse(selectors.anchor_jwk(), content_type="application/jwk+json")
    response.headers["Cache-Control"] = f"public, max-age={BUNDLE_SECONDS}"
    return response


@public_page(reason=REASON)
@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """The worker's script, below /verify/ so that it governs these pages and no others."""
    response = HttpResponse(_worker_script(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


@public_page(reason=REASON)
@require_safe
def manifest(_request: HttpRequest, language: str) -> HttpResponse:
    """What a phone needs to keep the page as an app, in `language`."""
    with translation.override(language):
        content = {
            "id": reverse("verify:page"),
            "name": _("Check a card · Khedmat"),
            "short_name": _("Check a card"),
            "lang": language,
            "dir": "rtl" if translation.get_language_bidi() else "ltr",
            "start_url": reverse("verify:page" if language == "fa" else "verify:page-en"),
            "scope": reverse("verify:page"),
            "display": "standalone",
            "background_color": GROUND,
            "theme_color": BAR,
            "icons": [
                {"src": static("img/icon-192.png"), "sizes": "192x192", "type": "image/png"},
                {"src": static("img/icon-512.png"), "sizes": "512x512", "type": "image/png"},
                {
                    "src": static("img/icon-maskable-512.png"),
                    "sizes": "512x512",
                    "type": "image/png",
                    "purpose": "maskable",
                },
            ],
        }
    return JsonResponse(content, content_type="application/manifest+json")


def _worker_script() -> bytes:
    """From the collected files, or from the built ones where nothing was collected yet."""
    if staticfiles_storage.exists(WORKER_FILE):
        with staticfiles_storage.open(WORKER_FILE) as file:
            return bytes(file.read())
    built = finders.find(WORKER_FILE)
    if not built:
        raise Http404
    with open(built, "rb") as file:
        return file.read()
