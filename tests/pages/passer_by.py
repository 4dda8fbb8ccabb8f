"""Whoever checks a card in the street, without a network."""

from datetime import datetime

from playwright.sync_api import Browser


class PasserBy:
    """Anybody's telephone: opened the check once, then without a network."""

    def __init__(self, browser: Browser, url: str, *, at: datetime | None = None, bundle: bytes | None = None) -> None:
        self.context = browser.new_context(base_url=url)
        if bundle is not None:
            self.context.route("**/verify/bundle", lambda route: route.fulfill(body=bundle))
        self.page = self.context.new_page()
        if at is not None:
            self.page.clock.set_fixed_time(at)
        self.page.goto("/verify/en/")
        self.page.locator("html[data-settled=offline]").wait_for(state="attached", timeout=30_000)
        self.context.set_offline(True)

    def outcome_of(self, token: str) -> str:
        """What the check says of a card's text, with the network off."""
        self.page.reload()
        self.page.locator("html[data-settled]").wait_for(state="attached", timeout=30_000)
        if self.page.locator(".kv-paste:not([open])").count():
            self.page.locator(".kv-paste > summary").click()
        self.page.locator("#card-text").fill(token)
        self.page.locator("[data-part=check-text]").click()
        result = self.page.locator("[data-part=result]")
        result.wait_for(timeout=10_000)
        return result.get_attribute("data-outcome") or ""
