"""No serious violation of WCAG 2.2 AA on the screens that a collector works on.

axe-core looks at each screen in a browser. What Odoo's own web client draws (search
bar, boxes that tick rows, avatars, tags, menus of columns) is Odoo's to mend and left
out, by name: whatever is not listed here is ours.
"""

import json
from datetime import timedelta

from dso_setup import axe  # there when `setup/test` runs us

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.dso_collection.models.dso_qualification import ENGINE
from odoo.addons.dso_collection.tests.common import DsoCommon

#: Odoo's own, on any of its screens.
ODOOS = [
    ".o_cp_searchview",
    ".o_search_panel",
    ".o_cp_pager",
    ".o_optional_columns_dropdown",
    ".o_list_record_selector",
    ".o_avatar",
    ".o_tag",
    ".o_field_widget input",
    ".o_field_widget textarea",
    ".o_statusbar_status",
    ".o_notebook_headers",
    ".o-mail-Chatter",
    ".o_graph_renderer canvas",
    ".o_kanban_counter",
    ".btn-close",
    ".o-dropdown.w-100",  # a choice that opens
    ".o_field_badge .badge",
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

LOOK = r"""
(async () => {
    const until = async (find) => {
        for (let turn = 0; turn < 200; turn++) {
            const found = find();
            if (found) {
                return found;
            }
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        throw new Error(`not on the screen: ${find}`);
    };
    for (const {selector, words} of %(clicks)s) {
        const button = await until(() =>
            [...document.querySelectorAll(selector)].find((one) =>
                one.textContent.includes(words)
            )
        );
        button.click();
    }
    await until(() => document.querySelector(%(ready)s));
    // fading in is no contrast to judge
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await new Promise((resolve, reject) => {
        const script = document.createElement("script");
        Object.assign(script, {src: %(axe)s, onload: resolve, onerror: reject});
        document.head.append(script);
    });
    const window = document.querySelector(".modal-content");
    const result = await axe.run(
        {include: [window || ".o_action_manager"], exclude: %(odoos)s.map((s) => [s])},
        {runOnly: %(tags)s, resultTypes: ["violations"]}
    );
    const serious = result.violations.filter((violation) =>
        ["serious", "critical"].includes(violation.impact)
    );
    const told = serious.map(({id, help, nodes}) =>
        [`${id}: ${help}`, ...nodes.map(({html}) => html.slice(0, 200))].join("\n    ")
    );
    if (told.length) {
        throw new Error(`axe-core finds\n${told.join("\n")}`);
    }
    console.log("test successful");
})().catch((error) => console.error(String(error)));
"""


@tagged("post_install", "-at_install")
class TestAccessibility(DsoCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.axe = cls.env["ir.attachment"].create(
            {
                "name": "axe.min.js",
                "raw": axe.script().read_bytes(),
                "mimetype": "text/javascript",
                "public": True,
            }
        )

    def setUp(self):
        super().setUp()
        today = fields.Date.today()
        self.customer.write({"name": "Brasserie Lumière", "phone": "+33 1 23 45 67 89"})
        self.email.mode = "auto_confirm"
        self.scenario.minimum_gap = 0
        self.late = self.invoice(today - timedelta(days=12), 1200.0)
        self.invoice(today + timedelta(days=9), 300.0)
        other = self._customer("Without an address", email=False)
        self.invoice(today - timedelta(days=5), 80.0, partner=other)
        disputed = self.invoice(today - timedelta(days=30), 75.0)
        disputed.dso_qualify(self.status("dispute"), "Wrong price")
        self.account(other).evaluate()
        self.record = self.account()
        self.record.evaluate()
        self.record.collector_id = self.env.user
        self.env["dso.alert"].create(
            {"name": "Large", "amount_basis": "overdue", "amount_min": 10}
        )._refresh()
        self.env["dso.reply"].create(
            {"account_id": self.record.id, "body": "We pay on Friday."}
        )

    def look(self, url, ready, *clicks):
        """Open a screen, click, and fail on what axe finds.

        :param url: of the screen
        :param ready: selector of what is there at the end
        :param clicks: (selector, words) of what is clicked before
        """
        code = LOOK % {
            "axe": json.dumps(f"/web/content/{self.axe.id}"),
            "clicks": json.dumps(
                [{"selector": selector, "words": words} for selector, words in clicks]
            ),
            "ready": json.dumps(ready),
            "odoos": json.dumps(ODOOS),
            "tags": json.dumps(TAGS),
        }
        self.browser_js(
            url,
            code,
            "odoo.isReady === true",
            login=self.env.user.login,
            timeout=120,
        )

    def test_agenda_list(self):
        """Manual and automatic actions, with their colours, stars and buttons."""
        self.look("/odoo/collection-manual-actions", ".o_data_row")
        self.look("/odoo/collection-automatic-actions", ".o_data_row")

    def test_agenda_cards(self):
        """The cards of the agenda."""
        self.look(
            "/odoo/collection-actions",
            ".o_kanban_record:not(.o_kanban_ghost)",
            (".o_switch_view.o_kanban", ""),
        )

    def test_history(self):
        """What was done, with its export."""
        self.record.proposal_id.action_done()
        self.look("/odoo/collection-history", ".o_data_row")

    def test_charts(self):
        """The charts around their picture."""
        self.look("/odoo/collection-charts", ".o_graph_renderer canvas")

    def test_replies(self):
        """Replies as a list, as cards, and one of them."""
        self.look("/odoo/collection-replies", ".o_data_row")
        self.look(
            "/odoo/collection-replies",
            ".o_kanban_record:not(.o_kanban_ghost)",
            (".o_switch_view.o_kanban", ""),
        )
        reply = self.env["dso.reply"].search([], limit=1)
        self.look(f"/odoo/collection-replies/{reply.id}", ".o_form_sheet")

    def test_unmatched(self):
        """E-mails of nobody that we know: the list, and one with suggestions."""
        mail = (
            self.env["dso.reply.unmatched"]
            .sudo()
            .with_context(dso_engine=ENGINE)
            .create(
                {
                    "company_id": self.company.id,
                    "name": "Our new bank account",
                    "email_from": "who@elsewhere.example",
                    "body": "Please send us your open invoices.",
                    "date": fields.Datetime.now(),
                    "stranger": True,
                    "fraud": "stranger",
                    "suggestion_ids": [
                        Command.create(
                            {"account_id": self.record.id, "because": "name"}
                        )
                    ],
                }
            )
        )
        self.look("/odoo/collection-unmatched", ".o_data_row")
        self.look(f"/odoo/collection-unmatched/{mail.id}", ".o_form_sheet")

    def test_record(self):
        """The customer record with its statement."""
        self.look(f"/odoo/collection-customers/{self.record.id}", "tr.o_dso_row")

    def test_action(self):
        """One action."""
        action = self.record.proposal_id
        self.look(f"/odoo/collection-actions/{action.id}", ".o_form_sheet")

    def test_qualification(self):
        """The window that qualifies items."""
        self.look(
            f"/odoo/collection-customers/{self.record.id}",
            ".modal .o_field_widget[name=status_id]",
            (".o_statusbar_buttons button", "Qualify"),
        )
