"""Lives in the tables of Odoo: posted rows, and what the set-based evaluation says.

The rows of ``account_move`` and its lines are written straight, as posting and
reconciling leave them: the ORM would need minutes for what is told here in seconds
(``test_orm_lives.py`` takes that road for fifty lives). After each round ``sync``
compares the ledgers in memory with what it wrote last and updates what differs.
"""

from contextlib import contextmanager
from decimal import Decimal

from odoo.tools import SQL

from .ledger import Known, Ledger
from .lives import COMPANIES, Life

#: How the kinds of ``lives.KINDS`` stand in ``account_move``.
MOVE_TYPES = {
    "invoice": "out_invoice",
    "receipt": "out_receipt",
    "credit_note": "out_refund",
}
STARS = (0, 1, "partly")
ANALYZED = (
    "account_move",
    "account_move_line",
    "res_partner",
    "dso_account",
    "dso_scenario",
    "dso_scenario_step",
)


class Stage:
    """What all lives share: companies with a branch, journals, action models."""

    def __init__(self, env):
        self.env = env
        self.today = None
        self.rate = 2  # of the foreign currency; only company amounts may count
        self.foreign = env.ref("base.CHF")
        self.foreign.active = True
        self._customers = []
        self.models = {
            False: self._action_model("Call", "phone"),
            True: self._action_model("Court", "litigation"),
        }
        self.companies = [
            self._company(number, settings) for number, settings in enumerate(COMPANIES)
        ]

    def customers(self, count):
        """``[(id of a customer, id of a contact)]``, the same ones every time."""
        missing = count - len(self._customers)
        if missing > 0:
            partners = (
                self.env["res.partner"]
                .with_context(tracking_disable=True)
                .create([{"name": "Customer"} for _number in range(2 * missing)])
            )
            self.env.flush_all()
            pairs = list(
                zip(partners.ids[:missing], partners.ids[missing:], strict=True)
            )
            update(
                self.env.cr,
                "res_partner",
                {"parent_id": "int", "commercial_partner_id": "int"},
                {
                    contact: {"parent_id": customer, "commercial_partner_id": customer}
                    for customer, contact in pairs
                },
            )
            self.env.invalidate_all()
            self._customers += pairs
        return self._customers[:count]

    def _action_model(self, name, kind):
        return self.env["dso.action.model"].create({"name": name, "type": kind})

    def _company(self, number, settings):
        company = self.env["res.company"].create(
            {
                "name": f"Lives {number}",
                "dso_minimum_amount": settings.minimum_amount,
                "dso_minimum_base": (
                    "overdue" if settings.minimum_on_overdue else "balance"
                ),
                "dso_ignore_below": settings.ignore_below,
                "dso_litigation_excluded": settings.litigation_excluded,
            }
        )
        branch = self.env["res.company"].create(
            {"name": f"Lives {number}b", "parent_id": company.id}
        )
        receivable = self.env["account.account"].create(
            {
                "name": "Receivable",
                "code": f"12{number}000",
                "account_type": "asset_receivable",
                "reconcile": True,
                "company_ids": [company.id],
            }
        )
        journals = {
            code: self.env["account.journal"].create(
                {
                    "name": code,
                    "code": code,
                    "type": "general",
                    "company_id": company.id,
                }
            )
            for code in ("LINV", "LGEN", "LOPN")
        }
        journals["LOPN"].dso_opening = True
        return {
            "root": company,
            "branch": branch,
            "receivable": receivable,
            "journals": journals,
            **self._origins(company, journals["LGEN"]),
        }

    def _origins(self, company, journal):
        """A payment and a statement line for entries to come from."""
        env = self.env
        move = self._insert(
            "account_move",
            [
                {
                    "name": "/",
                    "auto_post": "no",
                    "date": "2020-01-01",
                    "journal_id": journal.id,
                    "company_id": company.id,
                    "currency_id": company.currency_id.id,
                    "state": "draft",
                    "move_type": "entry",
                }
            ],
        )[0]
        payment = self._insert(
            "account_payment",
            [
                {
                    "date": "2020-01-01",
                    "journal_id": journal.id,
                    "company_id": company.id,
                    "state": "paid",
                    "payment_type": "inbound",
                    "partner_type": "customer",
                }
            ],
        )[0]
        line = self._insert(
            "account_bank_statement_line",
            [{"journal_id": journal.id, "company_id": company.id, "move_id": move}],
        )[0]
        env.invalidate_all()
        return {"payment": payment, "statement_line": line}

    def _insert(self, table, rows):
        return insert(self.env.cr, table, rows)

    @contextmanager
    def open(self, lives):
        """The rows of these lives, for as long as they are looked at."""
        self.customers(sum(len(life.accounts) for life in lives))
        savepoint = self.env.cr.savepoint()
        try:
            yield Rows(self, lives)
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)


def insert(cr, table, rows):
    """Insert dicts with the same keys; return their ids in their order."""
    if not rows:
        return []
    columns = list(rows[0])
    returned = cr.execute_values(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES %s RETURNING id",
        [tuple(row[column] for column in columns) for row in rows],
        page_size=len(rows),
        fetch=True,
    )
    return [row[0] for row in returned]


def update(cr, table, types, rows):
    """Update rows: ``{id: {column: value}}``, all with the columns of ``types``."""
    if not rows:
        return
    sets = ", ".join(f"{name} = v.{name}::{kind}" for name, kind in types.items())
    cr.execute_values(
        f"UPDATE {table} t SET {sets} FROM (VALUES %s) v(id, {', '.join(types)})"
        " WHERE t.id = v.id",
        [(key, *(row[name] for name in types)) for key, row in rows.items()],
        page_size=len(rows),
    )


class Rows:
    """The lives of one chunk: all of one calendar, so that all have the same today."""

    def __init__(self, stage, lives: list[Life]):
        self.stage = stage
        self.env = stage.env
        self.cr = stage.env.cr
        self.ledgers = [Ledger(life) for life in lives]
        self.ids = {}  # (table, life, key) -> database id
        self.back = {}  # (table, database id) -> (life, key)
        self.written = {}  # (table, database id) -> columns
        self.contacts = {}  # (life, account) -> id of the customer's contact
        self._write_strategy()
        self._write_accounts()
        self._write_documents()
        # the planner knows nothing of rows that were never committed
        self.cr.execute(f"ANALYZE {', '.join(ANALYZED)}")

    def _insert(self, table, keys, rows):
        for key, identifier in zip(keys, insert(self.cr, table, rows), strict=True):
            self.ids[(table, *key)] = identifier
            self.back[table, identifier] = key

    def id(self, table, life, key):
        """Database id of a thing of a life; None for None."""
        return None if key is None else self.ids[table, life, key]

    def key(self, table, identifier):
        """What the thing with this database id is in its life; None for None."""
        return None if identifier is None else self.back[table, identifier][1]

    # What stays ---------------------------------------------------------------

    def _write_strategy(self):
        keys, rows = [], []
        for number, ledger in enumerate(self.ledgers):
            for place, scenario in enumerate(ledger.scenarios):
                keys.append((number, place))
                rows.append(
                    {
                        "name": '{"en_US": "Scenario of a life"}',
                        "active": True,
                        "minimum_gap": scenario.minimum_gap,
                        "breathing_space": scenario.breathing_space,
                        "entry": scenario.entry,
                    }
                )
        self._insert("dso_scenario", keys, rows)
        keys, rows = [], []
        for number, ledger in enumerate(self.ledgers):
            for place, scenario in enumerate(ledger.scenarios):
                for sequence, step in enumerate(scenario.steps):
                    keys.append((number, step.id))
                    rows.append(
                        {
                            "scenario_id": self.id("dso_scenario", number, place),
                            "sequence": sequence,
                            "active": step.active,
                            "base": step.base,
                            "days": step.days,
                            "action_model_id": self.stage.models[step.formal].id,
                        }
                    )
        self._insert("dso_scenario_step", keys, rows)

    def _write_accounts(self):
        keys = [
            (number, account)
            for number, ledger in enumerate(self.ledgers)
            for account in range(len(ledger.accounts))
        ]
        for key, (customer, contact) in zip(
            keys, self.stage.customers(len(keys)), strict=True
        ):
            self.ids[("res_partner", *key)] = customer
            self.contacts[key] = contact
        self._insert(
            "dso_account",
            keys,
            [
                {
                    "company_id": self._company(number)["root"].id,
                    "partner_id": self.ids["res_partner", number, account],
                }
                for number, account in keys
            ],
        )
        self.accounts = self.env["dso.account"].browse(
            self.ids[("dso_account", *key)] for key in keys
        )

    def _company(self, number):
        return self.stage.companies[self.ledgers[number].life.company]

    def _write_documents(self):
        keys = [
            (number, doc)
            for number, ledger in enumerate(self.ledgers)
            for doc in range(len(ledger.life.documents))
        ]
        self._insert("account_move", keys, [self._move(*key) for key in keys])
        keys = [
            (number, key)
            for number, ledger in enumerate(self.ledgers)
            for key in ledger.lines
        ]
        self._insert(
            "account_move_line",
            keys,
            [self._line(number, *key) for number, key in keys],
        )

    def _owner(self, number, document):
        """The company that a document belongs to, and the journal."""
        company = self._company(number)
        code = "LINV" if document.kind in MOVE_TYPES else "LGEN"
        return {
            "journal_id": company["journals"][
                "LOPN" if document.kind == "opening" else code
            ].id,
            "company_id": company["branch" if document.branch else "root"].id,
        }

    def _currency(self, number, document):
        own = self._company(number)["root"].currency_id.id
        return self.stage.foreign.id if document.foreign else own

    def _move(self, number, doc):
        ledger = self.ledgers[number]
        document = ledger.life.documents[doc]
        company = self._company(number)
        issued = ledger.day(document.issued)
        owner = document.parts[0].account
        return {
            **self._owner(number, document),
            # unique in its journal, and in the order of the names of its life
            "name": f"{number:05}/{ledger.name(doc)}",
            "move_type": MOVE_TYPES.get(document.kind, "entry"),
            "state": "draft",
            "auto_post": "no",
            "date": issued,
            "invoice_date": issued if document.kind in MOVE_TYPES else None,
            "currency_id": self._currency(number, document),
            "partner_id": self.ids["res_partner", number, owner],
            "commercial_partner_id": self.ids["res_partner", number, owner],
            "origin_payment_id": (
                company["payment"] if document.kind == "payment" else None
            ),
        }

    def _line(self, number, doc, place):
        ledger = self.ledgers[number]
        document = ledger.life.documents[doc]
        part = document.parts[place]
        amount = ledger.amount(part)
        issued = ledger.day(document.issued)
        company = self._company(number)
        rate = self.stage.rate if document.foreign else 1
        partner = self.ids["res_partner", number, part.account]
        return {
            **self._owner(number, document),
            "move_id": self.ids["account_move", number, doc],
            "account_id": company["receivable"].id,
            "partner_id": (
                self.contacts[number, part.account] if part.contact else partner
            ),
            "display_type": "payment_term",
            "date": issued,
            "invoice_date": issued if document.kind in MOVE_TYPES else None,
            "currency_id": self._currency(number, document),
            "company_currency_id": company["root"].currency_id.id,
            "balance": amount,
            "debit": max(amount, 0),
            "credit": max(-amount, 0),
            "amount_currency": amount * rate,
            "statement_line_id": (
                company["statement_line"] if document.kind == "statement" else None
            ),
        }

    # What changes -------------------------------------------------------------

    def begin(self, number):
        """Round ``number`` begins."""
        for ledger in self.ledgers:
            ledger.begin(number)
        self.stage.today = self.ledgers[0].today

    def happen(self):
        """What happens in this round, in memory and in the tables."""
        for ledger in self.ledgers:
            ledger.happen()
        self._act()
        self.sync()
        self.env["dso.dirty"]._mark(
            corrected={
                (
                    self.id("account_move", number, doc),
                    self.id("dso_account", number, account),
                )
                for number, ledger in enumerate(self.ledgers)
                for doc, account in ledger.corrected
            }
        )

    def _act(self):
        """What persons did to proposals, by the methods of the addon."""
        for number, ledger in enumerate(self.ledgers):
            for verb, account, step, day in ledger.verbs:
                record = self.env["dso.account"].browse(
                    self.id("dso_account", number, account)
                )
                action = self.env["dso.action"].browse(
                    self.proposals[record.id]["action_id"]
                )
                if verb == "do":
                    action._engine().write({"state": "done", "date_done": day})
                    step = self.id("dso_scenario_step", number, step)
                    record._step_done(self.env["dso.scenario.step"].browse(step), day)
                elif verb == "skip":
                    action.action_skip()
                else:
                    action.action_reschedule(day)
        self.env.flush_all()

    def sync(self):
        """Bring the tables to what the ledgers say."""
        for table, types in TYPES.items():
            wanted = dict(getattr(self, f"_{table}")())
            update(
                self.cr,
                table,
                types,
                {
                    key: row
                    for key, row in wanted.items()
                    if self.written.get((table, key)) != row
                },
            )
            self.written.update(((table, key), row) for key, row in wanted.items())
        self.env.invalidate_all(flush=False)

    def _account_move(self):
        for number, ledger in enumerate(self.ledgers):
            posted = set(ledger.posted())
            for doc in range(len(ledger.life.documents)):
                yield (
                    self.id("account_move", number, doc),
                    {
                        "state": "posted" if doc in posted else "draft",
                        "payment_state": ledger.payment_state[doc],
                    },
                )

    def _account_move_line(self):
        for number, ledger in enumerate(self.ledgers):
            posted = set(ledger.posted())
            for key, line in ledger.lines.items():
                document = ledger.life.documents[key[0]]
                rate = self.stage.rate if document.foreign else 1
                yield (
                    self.id("account_move_line", number, key),
                    {
                        "parent_state": "posted" if key[0] in posted else "draft",
                        "amount_residual": line.residual,
                        "amount_residual_currency": line.residual * rate,
                        "reconciled": not line.residual,
                        "date_maturity": line.due,
                        "no_followup": line.blocked,
                    },
                )

    def _dso_account(self):
        for number, ledger in enumerate(self.ledgers):
            for place, account in enumerate(ledger.accounts):
                yield (
                    self.id("dso_account", number, place),
                    {
                        "scenario_id": self.id(
                            "dso_scenario", number, account.scenario
                        ),
                        "head_id": self.id("dso_account", number, account.head),
                        "hold_reason": account.hold
                        and ("insolvency" if account.opened else "pause")
                        or None,
                        "hold_opening_date": account.opened,
                        "hold_until": account.hold_until,
                    },
                )

    def _dso_scenario_step(self):
        for number, ledger in enumerate(self.ledgers):
            for scenario in ledger.scenarios:
                for step in scenario.steps:
                    yield (
                        self.id("dso_scenario_step", number, step.id),
                        {"active": step.active},
                    )

    def _dso_item(self):
        """Sparse: an item that nobody spoke about has no row."""
        said = [
            (number, key, known)
            for number, ledger in enumerate(self.ledgers)
            for key, known in ledger.known.items()
            if ("dso_item", number, key) in self.ids
            or ledger.past[key]
            or known != Known(stars=known.stars, partly=known.partly)
        ]
        missing = [
            (number, key)
            for number, key, _known in said
            if ("dso_item", number, key) not in self.ids
        ]
        self._insert(
            "dso_item",
            missing,
            [
                {
                    "move_id": self.id("account_move", number, doc),
                    "account_id": self.id("dso_account", number, account),
                }
                for number, (doc, account) in missing
            ],
        )
        for number, key, known in said:
            yield (
                self.id("dso_item", number, key),
                {
                    "status_type": known.status_type,
                    "disputed_company": known.disputed,
                    "ignored": known.ignored,
                    "reentry_date": known.reentered,
                },
            )

    def _dso_action(self):
        """Specific actions, one for each star, made when it first shines."""
        stars = {
            (number, (*key, star)): star in known.stars
            or (star == "partly" and known.partly)
            for number, ledger in enumerate(self.ledgers)
            for key, known in ledger.known.items()
            for star in STARS
        }
        missing = [
            (number, key)
            for (number, key), shines in stars.items()
            if shines and ("dso_action", number, key) not in self.ids
        ]
        self._insert(
            "dso_action",
            missing,
            [
                {
                    "kind": "specific",
                    "state": "planned",
                    "account_id": self.id("dso_account", number, account),
                    "company_id": self._company(number)["root"].id,
                    "action_model_id": self.stage.models[False].id,
                    "mode": "manual",
                    "date": self.stage.today,
                }
                for number, (_doc, account, _star) in missing
            ],
        )
        insert(
            self.cr,
            "dso_action_line",
            [
                {
                    "action_id": self.id("dso_action", number, (doc, account, star)),
                    "account_id": self.id("dso_account", number, account),
                    "move_id": self.id("account_move", number, doc),
                    "disputed_only": star == "partly",
                }
                for number, (doc, account, star) in missing
            ],
        )
        for (number, key), shines in stars.items():
            if ("dso_action", number, key) in self.ids:
                yield (
                    self.id("dso_action", number, key),
                    {"state": "planned" if shines else "done"},
                )

    # What comes out -----------------------------------------------------------

    def evaluate(self):
        """Evaluate both forms; return the accounts whose proposal changed in SQL."""
        for ledger in self.ledgers:
            ledger.evaluate()
        changed = self.accounts.evaluate(self.stage.today)
        self.proposals = self._read()
        return changed

    def _read(self):
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT a.*, x.id AS action_id, x.step_id, x.date AS step_date,
                       x.leader_id AS x_leader_id,
                       x.leader_account_id AS x_leader_account_id,
                       x.leader_date AS x_leader_date
                  FROM dso_account a
             LEFT JOIN dso_action x ON x.account_id = a.id AND x.kind = 'scenario'
                   AND x.state IN ('planned', 'error')
                 WHERE a.id = ANY(%s)
                """,
                self.accounts.ids,
            )
        )
        return {row["id"]: row for row in rows}

    def shown(self, number):
        """What the tables show of a life, in the words of ``Ledger.state``."""
        return [
            self._shown(self.proposals[self.id("dso_account", number, account)])
            for account in range(len(self.ledgers[number].accounts))
        ]

    def _shown(self, row):
        shown = {
            "leader": self._leader(row, ""),
            "last_step": self.key("dso_scenario_step", row["last_step_id"]),
            "last_done": (
                self.key("dso_scenario_step", row["last_done_step_id"]),
                row["last_done_date"],
            ),
            "last_any_date": row["last_any_date"],
            "redate": (
                self.key("dso_scenario_step", row["redate_step_id"]),
                row["redate_date"],
            ),
            "reason": row["reason"],
            "proposal": None,
        }
        if row["head_id"] is None:
            shown["balance"] = Decimal(str(row["balance"]))
            shown["net_overdue"] = Decimal(str(row["net_overdue"]))
        if row["action_id"]:
            shown["proposal"] = (
                self.key("dso_scenario_step", row["step_id"]),
                row["step_date"],
                *self._leader(row, "x_"),
            )
        return shown

    def _leader(self, row, prefix):
        return (
            self.key("account_move", row[f"{prefix}leader_id"]),
            self.key("dso_account", row[f"{prefix}leader_account_id"]),
            row[f"{prefix}leader_date"],
        )


#: What ``sync`` keeps up to date: the tables and their columns, in their order.
TYPES = {
    "account_move": {"state": "varchar", "payment_state": "varchar"},
    "account_move_line": {
        "parent_state": "varchar",
        "amount_residual": "numeric",
        "amount_residual_currency": "numeric",
        "reconciled": "boolean",
        "date_maturity": "date",
        "no_followup": "boolean",
    },
    "dso_account": {
        "scenario_id": "int",
        "head_id": "int",
        "hold_reason": "varchar",
        "hold_until": "date",
        "hold_opening_date": "date",
    },
    "dso_scenario_step": {"active": "boolean"},
    "dso_item": {
        "status_type": "varchar",
        "disputed_company": "numeric",
        "ignored": "boolean",
        "reentry_date": "date",
    },
    "dso_action": {"state": "varchar"},
}
