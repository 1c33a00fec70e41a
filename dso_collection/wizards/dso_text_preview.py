"""The text of an action model as a customer would get it, and a test to oneself."""

import re
from contextlib import contextmanager
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, plaintext2html

from ..channels import channel_of
from ..models.dso_action_send import _in_plain_words

#: Links that the outbox completes when a message leaves; here they lead nowhere.
SECRET_LINK = re.compile(r'(["\'])[^"\']*/dso/secret/[^"\']*\1')
#: The same in a text message.
MARKED_LINK = re.compile(r"\S*/dso/secret/\S*")
#: Payments of the plan that a preview shows where the customer has none.
EXAMPLE_PAYMENTS = 3
#: Types that leave on paper.
ON_PAPER = ("letter", "letter_ar", "fax")


class DsoTextPreview(models.TransientModel):
    _name = "dso.text.preview"
    _description = "Preview of a Collection Text"

    action_model_id = fields.Many2one(
        "dso.action.model", "Action", required=True, ondelete="cascade"
    )
    type = fields.Selection(related="action_model_id.type")
    account_id = fields.Many2one("dso.account", "Customer", ondelete="cascade")
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language",
        help="Empty: the language of the reader.",
    )
    template_id = fields.Many2one(
        "mail.template", "Text", compute="_compute_text", compute_sudo=False
    )
    recipient = fields.Char("Written to", compute="_compute_text")
    subject = fields.Char(compute="_compute_text")
    body = fields.Html(
        "Text as it would leave", compute="_compute_text", sanitize=False
    )
    problem = fields.Char(
        compute="_compute_text", help="Why the text cannot be filled for this customer."
    )

    @api.model
    def default_get(self, fields_list):
        """The customer with the largest overdue, of a proposal of this model if any."""
        values = super().default_get(fields_list)
        model = self.env["dso.action.model"].browse(values.get("action_model_id"))
        if "account_id" in fields_list and not values.get("account_id"):
            company = model.company_id or self.env.company.root_id
            planned = self.env["dso.action"].search(
                [
                    ("action_model_id", "=", model.id),
                    ("state", "=", "planned"),
                    ("company_id", "=", company.id),
                ],
                limit=1,
            )
            account = planned.account_id or self.env["dso.account"].search(
                [("company_id", "=", company.id), ("leader_id", "!=", False)],
                order="amount_overdue desc, id",
                limit=1,
            )
            values["account_id"] = account.id
        return values

    @api.depends("action_model_id", "account_id", "lang")
    def _compute_text(self):
        for wizard in self:
            wizard.template_id = wizard.recipient = wizard.problem = False
            wizard.subject = wizard.body = False
            if not wizard.account_id:
                continue
            try:
                found = wizard._rendered()
            except AccessError:
                raise
            except UserError as error:
                wizard.problem = _in_plain_words(error)
                continue
            wizard.template_id = found["template"]
            wizard.recipient = found["recipient"]
            wizard.subject = found["subject"]
            wizard.body = found["body"]

    # -------------------------------------------------------------------------
    # RENDERING
    # -------------------------------------------------------------------------

    def _rendered(self, pdf=False):
        """The text for the customer, in the language asked for.

        :param bool pdf: of what leaves on paper also the letter itself
        :return: dict of template, recipient, subject, body, document (the body on its
            letterhead), pdf (bytes or None)
        :raise UserError: without a text, or when it cannot be filled
        """
        self.ensure_one()
        with self._drafted() as action:
            template = action.template_id
            if not template:
                raise UserError(
                    self.env._(
                        "%s has no text: choose one first.", self.action_model_id.name
                    )
                )
            how = {"set_lang": self.lang} if self.lang else {"compute_lang": True}
            subject, body = (
                template._render_field(name, action.ids, **how)[action.id]
                for name in ("subject", "body_html")
            )
            if self.type == "sms":
                words = action._in_plain_sms(body)
                body = plaintext2html(MARKED_LINK.sub("https://…", words))
            document = self._on_letterhead(action, body)
            recipient = action._recipient()
            return {
                "template": template.with_env(self.env),
                "recipient": recipient.email_formatted or recipient.display_name,
                "subject": subject,
                "body": SECRET_LINK.sub(r"\1#\1", str(body)),
                "document": SECRET_LINK.sub(r"\1#\1", str(document)),
                "pdf": action._letter_pdf() if pdf else None,
            }

    def _on_letterhead(self, action, body):
        layout = action.template_id.email_layout_xmlid
        if not layout:
            return body
        lang = action.lang_code
        return self.env["mail.render.mixin"]._render_encapsulate(
            layout,
            body,
            add_context={
                "company": action.company_id,
                "lang": lang,
                "model_description": False,
            },
            context_record=action.with_context(lang=lang),
        )

    @contextmanager
    def _drafted(self):
        """The action that would carry the text: it exists in this block only.

        It claims what the customer's proposal claims, and its items are all that count
        in reminders, so that texts on chosen items show some.
        """
        self.account_id.check_access("read")
        self.action_model_id.check_access("read")
        Action = self.env["dso.action"].with_context(
            dso_preview=True, dso_preview_lang=self.lang
        )
        self.env.flush_all()
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            yield self._insert_draft(Action).with_user(self.env.user).sudo(False)
        finally:
            savepoint.close(rollback=True)
            self.env["dso.account"].invalidate_model(
                ["proposal_id", "action_ids", "open_action_ids"], flush=False
            )
            Action.invalidate_model(flush=False)
            self.env["dso.action.line"].invalidate_model(flush=False)

    def _insert_draft(self, Action):
        account, model = self.account_id, self.action_model_id
        today = account.company_id._dso_today()
        position = account._position()
        proposal = account.proposal_id
        rows = account._item_rows()
        rows = [row for row in rows if row["counts"] and row["claim"] > 0] or rows
        # at most one proposal at a time, also here
        self.env.execute_query(
            SQL(
                """
                UPDATE dso_action SET state = 'cancelled'
                 WHERE account_id = %s AND kind = 'scenario'
                   AND state IN ('planned', 'error') RETURNING id
                """,
                account.id,
            )
        )
        return Action.sudo()._insert_planned(  # behind the checks above, and undone
            [
                {
                    "kind": "scenario",
                    "account_id": account.id,
                    "company_id": account.company_id.id,
                    "action_model_id": model.id,
                    "type": model.type,
                    "mode": "manual",
                    "interactive": model.interactive,
                    "date": today,
                    "step_id": proposal.step_id.id or None,
                    "leader_id": position["leader_id"],
                    "leader_date": position["leader_date"],
                    "amount_claimed": position["amount_claimed"],
                    "resolver_id": self.env.uid,
                    "promise_date": today + timedelta(days=7),
                    "promise_amount": sum(row["total"] for row in rows),
                    "lines": [
                        {
                            "account_id": row["account_id"],
                            "move_id": row["move_id"],
                            "move_name": row["name"],
                            "due": row["due"],
                            "currency_id": row["currency_id"],
                            "amount": row["amount_currency"],
                            "amount_company": row["total"],
                            "disputed_only": False,
                        }
                        for row in rows
                    ],
                }
            ]
        )

    # -------------------------------------------------------------------------
    # TEST
    # -------------------------------------------------------------------------

    def action_send_test(self):
        """Send the text to the user who asks, and to nobody else.

        Links with secrets lead nowhere in it: they are made for customers only.

        :raise UserError: without an address of one's own, or when the text cannot be
            filled or the mail server takes nothing
        """
        self.ensure_one()
        user = self.env.user
        if not user.email:
            raise UserError(
                self.env._("You have no e-mail address: enter it in your preferences.")
            )
        if not self.account_id:
            raise UserError(self.env._("Choose a customer first."))
        paper = self.type in ON_PAPER
        found = self._rendered(pdf=paper)
        mail = (
            self.env["mail.mail"]
            .sudo()  # to the user himself, of what he was shown
            .create(
                {
                    "subject": self.env._("Test: %s", found["subject"]),
                    "body_html": found["document"],
                    "email_from": user.email_formatted,
                    "email_to": user.email_formatted,
                    "auto_delete": True,
                    "attachment_ids": [
                        fields.Command.create(
                            {
                                "name": f"{self.action_model_id.name}.pdf",
                                "raw": found["pdf"],
                                "mimetype": "application/pdf",
                            }
                        )
                    ]
                    if paper
                    else [],
                }
            )
        )
        mail.send(raise_exception=True)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The test was sent to %s.", user.email),
            },
        }


class DsoActionModel(models.Model):
    _inherit = "dso.action.model"

    may_preview = fields.Boolean(compute="_compute_may_preview")

    @api.depends("type", "template_id")
    def _compute_may_preview(self):
        for model in self:
            model.may_preview = bool(model.template_id and channel_of(model.type))

    def action_preview(self):
        """Show the text of this model for a customer.

        :raise AccessError: for a user who may not open the preview
        """
        self.ensure_one()
        self.env["dso.text.preview"].check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview: %s", self.name),
            "res_model": "dso.text.preview",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_action_model_id": self.id,
                "dialog_size": "extra-large",
            },
        }


class DsoAction(models.Model):
    _inherit = "dso.action"

    def _compute_contact_id(self):
        """A preview is read in the language that was asked for."""
        res = super()._compute_contact_id()
        if lang := self.env.context.get("dso_preview_lang"):
            self.lang_code = lang
        return res

    def _compute_plan_table(self):
        """A preview shows what a schedule looks like: its items in monthly parts."""
        res = super()._compute_plan_table()
        if self.env.context.get("dso_preview"):
            for action in self:
                action.plan_table = action.plan_table or action._example_plan()
        return res

    def _example_plan(self):
        currency, total = self.currency_id, self.promise_amount
        part = currency.round(total / EXAMPLE_PAYMENTS)
        first = self.company_id._dso_today() + timedelta(days=7)
        parts = [part] * (EXAMPLE_PAYMENTS - 1)
        return self._render_plan(
            [
                (first + relativedelta(months=number), amount, currency)
                for number, amount in enumerate([*parts, total - sum(parts)])
            ],
            total,
            currency,
        )
