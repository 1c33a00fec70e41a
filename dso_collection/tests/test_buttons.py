"""Every button of every screen, tried as each role (rules.md §10).

What a role sees it may do, and what it may not do it does not see: the groups of the
views and the checks of the server say the same.
"""

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.dso_collection.models.dso_qualification import ENGINE

from .common import TODAY
from .test_access import ROLES, AccessCase

#: Buttons that a field of their window hides from whom Odoo itself refuses.
HIDDEN_BY = {("dso.late.invoice", "action_invoice"): "can_invoice"}


@tagged("post_install", "-at_install")
class TestButtons(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {"dso_sending_active": True, "dso_sending_calendar_id": False}
        )

    def buttons(self):
        """[(model, method, groups of each of its buttons)]; "" = everybody."""
        found = {}
        views = self.env["ir.ui.view"].search([("model", "like", "dso.%")])
        views |= self.env["ir.ui.view"].search(
            [("arch_db", "ilike", "dso"), ("model", "like", "account.move%")]
        )
        for view in views:
            for button in etree.fromstring(view.arch).iter("button"):
                name = button.get("name") or ""
                own = view.model.startswith("dso.") or "dso" in name
                if button.get("type") != "object" or not own:
                    continue
                parents = list(button.iterancestors())
                groups = {node.get("groups") or "" for node in [button, *parents]}
                model = self.env[view.model]
                if model._original_module not in ("dso_collection", "account"):
                    continue  # other addons try theirs
                for parent in reversed(parents):
                    field = model._fields.get(parent.get("name") or "")
                    if parent.tag == "field" and field and field.relational:
                        model = self.env[field.comodel_name]
                found.setdefault((model._name, name), set()).add(
                    ",".join(groups - {""})
                )
        return [(*key, groups) for key, groups in sorted(found.items())]

    def sees(self, role, groups):
        user = self.users[role]
        return all(user.has_groups(group) for group in groups.split(",") if group)

    # RECORDS ----------------------------------------------------------------------

    def records(self):
        """One record of each model, on which a role's buttons are pressed."""
        invoice = self.invoice("10 Nov")
        other = self.invoice("12 Nov", 400)
        account = self.evaluate()
        account.hold_note = "x"
        promise = self.status("promise_to_pay")
        rows = other.dso_qualify(promise, "Will pay", promise_date=TODAY)
        lawyer = self.status("litigation")
        self.invoice("11 Nov", 50).dso_qualify(lawyer, "Handed over")
        action = self.env["dso.action"].create(
            {
                "account_id": account.id,
                "kind": "specific",
                "action_model_id": self.phone.id,
                "resolver_id": self.users["resolver"].id,
                "line_ids": [Command.create({"move_id": invoice.id})],
            }
        )
        reply = (
            self.env["dso.reply"]
            .with_context(dso_engine=ENGINE)
            .create({"account_id": account.id, "source": "page", "body": "Yes"})
        )
        stray = (
            self.env["dso.reply.unmatched"]
            .sudo()
            .with_context(dso_engine=ENGINE)
            .create(
                {
                    "company_id": self.company.id,
                    "email_from": "who@elsewhere.example",
                    "date": "2026-11-23 08:00:00",
                    "suggestion_ids": [
                        Command.create({"account_id": account.id, "because": "name"})
                    ],
                }
            )
        )
        file = self.env["dso.litigation.file"].create({"account_id": account.id})
        self.customer.write({"street": "1 Main Street", "city": "Town"})
        post = self.env["dso.action"].create(
            {
                "account_id": account.id,
                "action_model_id": self._model(
                    "Letter",
                    "letter",
                    template_id=self.env.ref(
                        "dso_collection.mail_template_statement"
                    ).id,
                ).id,
            }
        )
        post.action_send()
        post.letter_id.action_print()
        links = self.env["dso.access.token"]
        links._issue(account, action, self.customer, "customer")
        self.env.flush_all()
        known = {
            "dso.access.token": links.search([("account_id", "=", account.id)]),
            "dso.litigation.file": file,
            "dso.letter": post.letter_id,
            "dso.letter.batch": post.letter_id.batch_id,
            "dso.account": account,
            "dso.action": action,
            "dso.reply": reply,
            "dso.reply.unmatched": stray,
            "dso.reply.suggestion": stray.suggestion_ids,
            "dso.qualification": rows,
            "dso.item": self.env["dso.item"].search([("move_id", "=", other.id)]),
            "account.move": invoice,
            "account.move.line": self.receivables(invoice),
        }
        if "dso.maia.suggestion" in self.env:  # of the assistant, where installed
            rule = self.env["dso.maia.rule"].search([], limit=1)
            values = {"account_id": account.id, "rule_id": rule.id, "date": TODAY}
            suggestion = self.env["dso.maia.suggestion"].sudo().create(values)
            known["dso.maia.suggestion"] = suggestion.sudo(False)
        return known

    def record_of(self, model, known, user):
        """A record of ``model`` for this user; of a window a fresh one."""
        if model in known:
            return known[model].with_user(user)
        records = self.env[model].with_user(user)
        if model == "dso.history.export":  # everybody sees his own
            file = self.env["ir.attachment"].create({"name": "x.xlsx", "raw": b"x"})
            values = {"user_id": user.id, "state": "ready", "attachment_id": file.id}
            return self.env[model].sudo().create(values).with_user(user)
        if records._transient:
            context = {"active_model": "account.move.line"}
            context["active_ids"] = known["account.move.line"].ids
            fresh = records.with_context(**context)
            values = fresh.default_get(list(fresh._fields))
            return fresh.create({**values, **self.required(fresh)})
        found = self.env[model].search([], limit=1)
        self.assertTrue(found, f"no {model} to press its buttons on: make one")
        return found.with_user(user)

    def required(self, window):
        """What a window needs before its buttons can be pressed."""
        account = self.account().id
        if window._name == "dso.attach":
            file = window.env["ir.attachment"].create({"name": "x", "raw": b"x"})
            return {"attachment_ids": file.ids, "description": "Letter"}
        if window._name == "dso.qualify":
            status = self.status("on_going").id
            return {"status_id": status, "email_to": "none", "follow_up": "scenario"}
        if window._name == "dso.first.run.journal":
            journal = self.company_data["default_journal_misc"]
            run = window.env["dso.first.run"].create({})
            return {"run_id": run.id, "journal_id": journal.id}
        if window._name == "dso.release.make":
            notice = self.env["dso.action"].create(
                {"account_id": account, "action_model_id": self.letter.id}
            )
            return {"action_id": notice.id}
        if window._name == "dso.release.point":
            make = {"action_id": self.env["dso.action"].search([], limit=1).id}
            return {
                "make_id": self.env["dso.release.make"].create(make).id,
                "key": "hold",
                "name": "Hold",
                "speaks": "yes",
            }
        if window._name == "dso.call":
            mine = [("resolver_id", "=", self.users["resolver"].id)]
            call = self.env["dso.action"].search(mine, limit=1)
            return {"account_id": account, "action_id": call.id}
        return {
            "dso.action.new": {"action_model_id": self.phone.id},
            "dso.action.reschedule": {"date": TODAY},
            "dso.dispute.close": {"outcome": "justified"},
            "dso.hold.new": {"account_ids": [account], "reason": "pause"},
            "dso.late.invoice": {"account_id": account},
            "dso.personal.data": {"partner_id": self.customer.id},
            "dso.text.preview": {
                "action_model_id": self.email.id,
                "account_id": account,
            },
        }.get(window._name, {})

    # TESTS ------------------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models.unlink")
    def test_each_role_on_each_button(self):
        """§10: seen and allowed, or hidden and refused."""
        with freeze_time(str(TODAY)):
            known = self.records()
            wrong, tried = [], 0
            for model, method, groups in self.buttons():
                for role in ROLES:
                    tried += 1
                    outcome = self.press(model, method, known, self.users[role])
                    sees = any(self.sees(role, each) for each in groups)
                    # who cannot even open the window sees no button of it
                    opens = self.env[model].with_user(self.users[role])
                    sees = sees and opens.has_access("read")
                    if sees == outcome or outcome is None:
                        continue
                    wrong.append(
                        f"{role}: {model}.{method} is"
                        f" {'shown and refused' if sees else 'hidden and allowed'}"
                    )
        self.assertFalse(wrong, "\n".join(wrong))
        self.assertGreater(tried, 100)

    def press(self, model, method, known, user):
        """Whether the server lets ``user`` press a button; nothing of it stays."""
        savepoint = self.env.cr.savepoint()
        try:
            if (
                not self.env[model]
                .with_user(user)
                .has_access("create" if self.env[model]._transient else "read")
            ):
                return False
            record = self.record_of(model, known, user)
            shown = HIDDEN_BY.get((model, method))
            if shown and not record[shown]:
                with self.assertRaises(AccessError):
                    getattr(record, method)()
                return None
            getattr(record, method)()
            self.env.flush_all()
            return True
        except AccessError:
            return False
        except (UserError, RedirectWarning):
            return True  # allowed, and not possible with this record
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def test_menus_open(self):
        """No menu that a role sees ends in an access error."""
        for role in ROLES:
            user = self.users[role]
            menus = self.env["ir.ui.menu"].with_user(user)
            menus = menus.browse(menus._visible_menu_ids())
            root = self.env.ref("dso_collection.menu_root")
            shown = menus.filtered(
                lambda m, r=root: m.parent_path.startswith(f"{r.id}/")
            )
            self.assertTrue(shown, role)
            for menu in shown.filtered("action"):
                action = menu.action.sudo()
                if action.type != "ir.actions.act_window":
                    continue
                records = self.env[action.res_model].with_user(user)
                self.assertTrue(
                    records.has_access("read"), f"{role}: {menu.complete_name}"
                )
                with freeze_time(str(TODAY)):
                    records.search_read([], limit=2)
