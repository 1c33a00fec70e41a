"""No serious violation of WCAG 2.2 AA on the customer's page, on a phone and a screen.

Nothing is left out here: all of the page is ours. It must not scroll sideways, and
what its script adds must work under the page's own Content-Security-Policy.
"""

import json
from datetime import timedelta

from dso_setup import axe  # there when `setup/test` runs us

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.dso_collection.tests.test_page_payment import PayCommon

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

LOOK = r"""
(async () => {
    if (document.documentElement.scrollWidth > window.innerWidth) {
        throw new Error(`scrolls sideways at ${window.innerWidth}`);
    }
    if (!document.querySelector(".dso-page")) {
        throw new Error(`no page: ${document.title}`);
    }
    if (%(many)s) {
        document.querySelector(".dso-items thead input").click();
        const told = document.querySelector("[data-dso-ticked]").textContent;
        if (!told.includes("1,200.00")) {
            throw new Error(`says ${told} of what is chosen`);
        }
    }
    await new Promise((resolve, reject) => {
        const script = document.createElement("script");
        Object.assign(script, {src: %(axe)s, onload: resolve, onerror: reject});
        document.head.append(script);
    });
    const result = await axe.run(document, {
        runOnly: %(tags)s,
        resultTypes: ["violations"],
    });
    const told = result.violations.map(({id, help, nodes}) =>
        [`${id}: ${help}`, ...nodes.map(({html}) => html.slice(0, 200))].join("\n    ")
    );
    if (told.length) {
        throw new Error(`axe-core finds\n${told.join("\n")}`);
    }
    console.log("test successful");
})().catch((error) => console.error(String(error)));
"""


class PageLook(PayCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.script = self.env["ir.attachment"].create(
            {
                "name": "axe.min.js",
                "raw": axe.script().read_bytes(),
                "mimetype": "text/javascript",
                "public": True,
            }
        )
        self.customer.name = "Brasserie Lumière"
        self.record = self.account()
        self.record.interactive = True

    def look(self, many=True):
        secret = self.env["dso.access.token"]._issue(
            self.record, self.env["dso.action"], self.customer, "customer"
        )
        self.env.flush_all()
        code = LOOK % {
            "axe": json.dumps(f"/web/content/{self.script.id}"),
            "many": json.dumps(many),
            "tags": json.dumps(TAGS),
        }
        self.browser_js(
            f"/dso/c/{secret}", code, "document.readyState === 'complete'", timeout=120
        )

    def fill(self):
        """One item of each kind."""
        today = fields.Date.today()
        self.invoice(today - timedelta(days=12), 700.0, ref="PO 4711 " + "long" * 9)
        self.invoice(today + timedelta(days=9), 500.0)
        promised = self.invoice(today - timedelta(days=5), 80.0)
        promised.dso_qualify(
            self.status("promise_to_pay"), "", promise_date=today + timedelta(days=3)
        )
        self.transaction(self.invoice(today - timedelta(days=4), 30.0), 30)
        partly = self.invoice(today - timedelta(days=30), 75.0)
        partly.dso_qualify(self.status("dispute"), "", disputed_amount=25)
        self.credit_note(40)


@tagged("post_install", "-at_install")
class TestPageOnPhone(PageLook):
    browser_size = "360x780"
    touch_enabled = True

    def test_phone(self):
        """Items, offers, contact and bank on a narrow phone."""
        self.fill()
        self.look(many=False)

    def test_nothing_open(self):
        """A page without items."""
        self.look(many=False)


@tagged("post_install", "-at_install")
class TestPageOnScreen(PageLook):
    def test_screen(self):
        """The same on a wide screen; one box chooses all, and their sum is told."""
        today = fields.Date.today()
        self.invoice(today - timedelta(days=12), 700.0)
        self.invoice(today + timedelta(days=9), 500.0)
        self.look()

    def test_everything(self):
        """One item of each kind."""
        self.fill()
        self.look(many=False)
