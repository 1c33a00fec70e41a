"""An administrator at his browser: what the tests do on Odoo's pages."""

import re
from contextlib import contextmanager

from browsers import chromium
from playwright.sync_api import TimeoutError, expect

#: An addon is installed while the page waits; a busy machine takes its time.
PATIENCE = 180_000
expect.set_options(timeout=60_000)


@contextmanager
def administrator(url):
    """The page of somebody who has logged in; a script's error fails the test."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.set_default_timeout(60_000)
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{url}/web/login")
        page.fill("input[name=login]", "admin")
        page.fill("input[name=password]", "admin")
        page.click(".oe_login_form button[type=submit]")
        page.wait_for_selector(".o_main_navbar")
        yield Administrator(page, url)
    assert not errors, errors


class Administrator:
    def __init__(self, page, url):
        self.page = page
        self.url = url

    def open_app(self, name):
        """Choose an app from the menu of all apps."""
        self.page.click(".o_navbar_apps_menu button")
        self.page.locator(".o_app").get_by_text(name, exact=True).click()
        expect(self.page.locator(".o_main_navbar .o_menu_brand")).to_have_text(name)
        expect(self.page.locator(".o_action_manager > *").first).to_be_visible()

    def open_menu(self, *names):
        """Choose an entry of the app's menu, through its sections."""
        navbar = self.page.locator(".o_main_navbar")
        navbar.get_by_text(names[0], exact=True).click()
        for name in names[1:]:
            self.page.get_by_role("menuitem", name=name, exact=True).click()

    def app_card(self, name):
        """The card of an addon among the apps."""
        self.page.goto(f"{self.url}/odoo/apps")
        search = self.page.locator(".o_searchview_input")
        search.fill(name)
        search.press("Enter")
        title = re.compile(f"^{re.escape(name)}$")
        card = self.page.locator(".o_kanban_record:not(.o_kanban_ghost)").filter(
            has=self.page.get_by_text(title)
        )
        expect(card).to_have_count(1)
        return card

    def install(self, name):
        card = self.app_card(name)
        with self._starting_anew():
            card.get_by_role("button", name="Activate").click()

    def uninstall(self, name):
        card = self.app_card(name)
        item = self.page.get_by_role("menuitem", name="Uninstall")
        for _attempt in range(5):
            card.hover()
            card.locator(".o_dropdown_kanban button").click()
            try:
                item.click(timeout=5000)
                break
            except TimeoutError:
                # the search drew the cards anew and closed the menu
                continue
        dialog = self.page.locator(".modal")
        with self._starting_anew():
            dialog.get_by_role("button", name="Uninstall").click()

    @contextmanager
    def _starting_anew(self):
        """Wait until the client has loaded again, with other addons than before."""
        self.page.evaluate("window.dsoBefore = true")
        yield
        self.page.wait_for_function(
            "!window.dsoBefore || document.querySelector('.o_error_dialog')",
            timeout=PATIENCE,
        )
        expect(self.page.locator(".o_error_dialog")).to_have_count(0)
        expect(self.page.locator(".o_navbar_apps_menu")).to_be_visible()
