"""What an accountant has before the addons come, and what is done with them."""

from datetime import date, timedelta

from odoo import Command


def keep_books(env):
    """Customers with open, paid and credited invoices and an opening entry."""
    # the addons lie on the path, and the list of apps has been updated
    env["ir.module.module"].update_list()
    # whoever saves the settings of one app saves those of all
    settings = env["res.config.settings"].with_user(env.ref("base.user_admin"))
    settings.create({}).execute()
    company = env.company
    env["ir.default"].set("res.partner", "credit_limit", 0.0, company_id=company.id)
    # a log-in at another port must not change the address
    env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
    today = date.today()
    customers = env["res.partner"].create(
        [
            {"name": "Azure Lane", "email": "ar@azure.example", "is_company": True},
            {"name": "Brook & Sons", "is_company": True},
            {"name": "Cedar Mill", "email": "ar@cedar.example", "is_company": True},
        ]
    )
    moves = env["account.move"].create(
        [
            {
                "move_type": kind,
                "partner_id": customer.id,
                "invoice_date": today - timedelta(days=age),
                "invoice_date_due": today - timedelta(days=age - 30),
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"name": "Goods", "price_unit": 100 + age})
                ],
            }
            for customer in customers
            for kind, age in (
                ("out_invoice", 95),
                ("out_invoice", 50),
                ("out_invoice", 10),
                ("out_refund", 5),
            )
        ]
    )
    moves.action_post()
    env["account.payment.register"].with_context(
        active_model="account.move", active_ids=moves[0].ids
    ).create({})._create_payments()
    receivable = customers[2].property_account_receivable_id
    opening = env["account.move"].create(
        {
            "date": today - timedelta(days=120),
            "line_ids": [
                Command.create(
                    {
                        "account_id": receivable.id,
                        "partner_id": customers[2].id,
                        "debit": 700,
                    }
                ),
                Command.create(
                    {
                        "account_id": env["account.account"]
                        .search([("account_type", "=", "equity")], limit=1)
                        .id,
                        "credit": 700,
                    }
                ),
            ],
        }
    )
    opening.action_post()
    customers[0].message_post(body="They pay at the end of the month.")
    env["res.users"].create(
        {
            "name": "Accountant",
            "login": "accountant",
            "password": "accountant",
            "group_ids": [Command.link(env.ref("account.group_account_manager").id)],
        }
    )


def collect(env):
    """Use everything that writes: statuses, actions, promises, chatter, preferences.

    :return: see :func:`count`
    """
    env["dso.account"]._cron_evaluate()
    accounts = env["dso.account"].search([])
    invoices = env["account.move"].search(
        [("move_type", "=", "out_invoice"), ("amount_residual", ">", 0)]
    )
    statuses = {
        kind: env["dso.status"].search([("type", "=", kind)], limit=1)
        for kind in ("dispute", "promise_to_pay", "litigation", "on_going")
    }
    invoices[0].dso_qualify(statuses["dispute"], "Price", resolver=env.user)
    invoices[1].dso_qualify(
        statuses["promise_to_pay"],
        "By phone",
        promise_date=date.today() + timedelta(days=5),
    )
    invoices[2].dso_qualify(statuses["litigation"], "Claim filed")
    invoices[3].dso_qualify(statuses["on_going"], "Called").action_undo()
    invoices[4].dso_ignored = True
    env.cr.flush()
    open_actions = env["dso.action"].search([("state", "in", ("planned", "error"))])
    specific = open_actions.filtered(lambda action: action.kind == "specific")
    specific[0].action_done()
    for action in open_actions.filtered(lambda a: a.kind == "scenario"):
        action.action_reschedule(date.today())
        action.action_done()
        action.message_post(body="Said that they will look into it.")
    env.cr.flush()
    accounts[0].message_post(
        body="They moved.", attachments=[("letter.txt", b"New address")]
    )
    accounts[0].message_subscribe(env["res.partner"].search([], limit=1).ids)
    accounts[0].action_hold_30()
    env["dso.scenario"].search([], limit=1).copy()
    env["mail.template"].search([("model", "=", "dso.action")], limit=1).copy()
    env["ir.filters"].create(
        {"name": "Mine", "model_id": "dso.action", "user_ids": env.user.ids}
    )
    env["ir.exports"].create({"name": "Accounts", "resource": "dso.account"})
    env["ir.default"].set("dso.action", "kind", "out_of_scenario")
    env["ir.default"].set("res.company", "dso_minimum_amount", 5)
    env.cr.flush()
    return count(env)


def count(env):
    """How much there is of what collection must never lose."""
    counted = {
        model: env[model].search_count([])
        for model in ("dso.account", "dso.action", "dso.item", "dso.qualification")
    }
    counted["done"] = env["dso.action"].search_count([("state", "=", "done")])
    return counted
