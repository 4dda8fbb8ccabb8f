"""One of the staff at a browser: real requests over real sockets, no rendering."""

import http.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from khedmat.config.platform import web
from tests.robustness.generated import PACKINGS, Upload, Value
from tests.robustness.markup import Element, PageForm, post_forms, read_page

SECONDS = 60.0
SERVER_ERROR = 500


class NotAcknowledged(Exception):
    """No answer came, or one that says nothing about the change: it may have happened or not."""


@dataclass(frozen=True)
class Reply:
    """An answer of the site."""

    status: int
    location: str
    html: str
    path: str

    @property
    def page(self) -> Element:
        return read_page(self.html)

    @property
    def is_done(self) -> bool:
        """The house answers a change that is committed with a redirect."""
        return self.status in {302, 303}

    def form(self, ending: str, *, field: str = "") -> PageForm | None:
        """The form whose action ends so, and that has the field or button."""
        for one in post_forms(self.page):
            names = {given.name for given in one.inputs} | {name for name, _ in one.buttons}
            if one.action.endswith(ending) and (not field or field in names):
                return one
        return None

    def links(self) -> list[str]:
        """Where the page leads."""
        return [one.attributes.get("href", "") for one in self.page.walk() if one.tag == "a"]


class Person:
    """Cookies and sign-in of one user; pages in English, so that numbers are read easily."""

    def __init__(self, port: int, username: str, password: str) -> None:
        self._port = port
        self._given = {"login": username, "password": password}
        self._cookies = {"django_language": "en"}

    def sign_in(self) -> None:
        """Errors: NotAcknowledged."""
        page = self.get("/account/sign-in/")
        if page.form("", field="password") is not None:
            reply = self.post("/account/sign-in/", list(self._given.items()))
            assert reply.is_done, f"{self._given['login']} is not let in: {reply.status}"

    def get(self, path: str) -> Reply:
        """Follows redirects within the site."""
        reply = self._ask("GET", path)
        for _ in range(5):
            if not reply.is_done:
                return reply
            reply = self._ask("GET", reply.location)
        raise AssertionError(f"{path} leads round and round")

    def post(self, path: str, pairs: Sequence[tuple[str, str | Upload]]) -> Reply:
        """Sends a form, with the CSRF token; the answer is not followed."""
        token = self._cookies.get("csrftoken", "")
        values: list[tuple[str, Value]] = [("csrfmiddlewaretoken", token.encode())]
        values += [(name, value.encode() if isinstance(value, str) else value) for name, value in pairs]
        is_multipart = any(isinstance(value, Upload) for _, value in pairs)
        kind, body = PACKINGS["multipart" if is_multipart else "urlencoded"](values)
        return self._ask("POST", path, body, {"Content-Type": kind, "Referer": f"http://{web.LOOPBACK}:{self._port}/"})

    def _ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        parts = urlsplit(path)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        connection = http.client.HTTPConnection(web.LOOPBACK, self._port, timeout=SECONDS)
        try:
            connection.request(method, target, body or None, {**(headers or {}), "Cookie": cookies})
            response = connection.getresponse()
            html = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise NotAcknowledged(f"{method} {path}: {error}") from error
        finally:
            connection.close()
        if response.status >= SERVER_ERROR:
            raise NotAcknowledged(f"{method} {path}: {response.status}")
        for value in response.headers.get_all("Set-Cookie") or []:
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(value).items()}
        return Reply(response.status, response.headers.get("Location", ""), html, parts.path)
