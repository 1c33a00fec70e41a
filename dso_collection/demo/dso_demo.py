"""Demo customers: each tells one story, together they show every state.

Called by ``dso_demo.xml`` on databases with demo data only. All dates are relative to
today; the past is played with the product's own methods (see ``life.py``).
"""

from datetime import timedelta

from odoo import api, models
from odoo.fields import Command

from .life import Life

STEP = "scenario_standard_step_%s"
RISKY = "scenario_risky_step_%s"
PUBLIC = "scenario_public_step_%s"
#: Invoices paid before the stories begin: (due day, days late, amount), so that every
#: payment profile is shown.
PAID_BEFORE = {
    "summit": ((-75, -3, 3900), (-45, 0, 4100)),
    "maple": ((-80, 5, 1250), (-50, 9, 980)),
    "technova": ((-70, 16, 5200), (-55, 21, 6100)),
    "beaumont": ((-90, 12, 2400), (-48, 7, 2650)),
    "bianchi": ((-110, 41, 6900), (-75, 33, 5200)),
    "harbour": ((-65, -5, 1500),),
    "lindqvist": ((-85, 2, 2200), (-52, 3, 1900)),
    "palazzo": ((-120, 52, 8000),),
}


class DsoDemo(models.AbstractModel):
    _name = "dso.demo"
    _description = "Demo Data of Collection"

    @api.model
    def _load(self):
        """Build the demo customers of the main company; nothing when they exist."""
        if self.env.ref("dso_collection.demo_summit", raise_if_not_found=False):
            return
        company = self.env.ref("base.main_company")
        self._prepare(company)
        collector = self.env.ref("dso_collection.user_demo_collector")
        manager = self.env.ref("dso_collection.user_demo_manager")
        accounts = self.env["dso.account"]
        paid_before = []
        for name in (
            "summit maple nordlicht technova beaumont ruiz bianchi lakeside vandijk"
            " harbour lindqvist lumen green_valley adria kowalski sakura fjord prestige"
            " desert_rose iberia palazzo altamar lindenau oak_iron"
        ).split():
            user = manager if name in ("altamar", "palazzo", "prestige") else collector
            life = Life(self.env, company, user, company._dso_today())
            getattr(self, f"_life_of_{name}")(life)
            accounts |= life.account.with_env(self.env)
            paid_before += [(life, paid) for paid in PAID_BEFORE.get(name, ())]
            self.env["ir.model.data"]._update_xmlids(
                [
                    {
                        "xml_id": f"dso_collection.demo_{name}",
                        "record": life.account.with_env(self.env),
                        "noupdate": True,
                    }
                ]
            )
        for life, (due, late, amount) in paid_before:
            life.paid_before(due, late, amount)
        self._give_roles_and_credit()
        (accounts | accounts.member_ids).evaluate()
        self.env["dso.account"]._refresh_behaviour()

    def _give_roles_and_credit(self):
        """Contacts with roles, credit limits near and over, insurance, an absence."""
        ref = self.env.ref
        payables, purchasing = ref("dso_collection.demo_technova").partner_id.child_ids
        payables.dso_contact_role_ids = ref(
            "dso_collection.contact_role_accounts_payable"
        )
        purchasing.dso_contact_role_ids = ref("dso_collection.contact_role_purchasing")
        today = ref("base.main_company")._dso_today()
        insurer = self.env["res.partner"].create(
            {"name": "Northern Credit Insurance", "is_company": True}
        )
        for name, limit, insured in (
            ("technova", 17000, 0),
            ("bianchi", 8000, 6000),
            ("summit", 25000, 20000),
        ):
            values = {"credit_limit": limit}
            if insured:
                values.update(
                    insurer_id=insurer.id,
                    insured_amount=insured,
                    insured_currency_id=ref("base.USD").id,
                    insured_from=today.replace(month=1, day=1),
                    insured_to=today.replace(year=today.year + 1, month=12, day=31),
                )
            ref(f"dso_collection.demo_{name}").write(values)
        self.env["dso.absence"].create(
            {
                "user_id": ref("dso_collection.user_demo_manager").id,
                "substitute_id": ref("dso_collection.user_demo_collector").id,
                "date_from": today + timedelta(days=12),
                "date_to": today + timedelta(days=19),
                "note": "Annual leave",
            }
        )

    def _prepare(self, company):
        """What the stories stand on: a ledger, a second currency, the settings."""
        if not company.chart_template:
            self.env["account.chart.template"].try_loading(
                "generic_coa", company=company, install_demo=False
            )
        today = company._dso_today()
        eur = self.env.ref("base.EUR")
        eur.active = True
        if not self.env["res.currency.rate"].search_count(
            [("currency_id", "=", eur.id), ("company_id", "in", (False, company.id))],
            limit=1,
        ):
            self.env["res.currency.rate"].create(
                {
                    "currency_id": eur.id,
                    "company_id": company.id,
                    "name": today.replace(month=1, day=1, year=today.year - 1),
                    "rate": 0.92,
                }
            )
        company.write(
            {
                "dso_collector_id": self.env.ref(
                    "dso_collection.user_demo_collector"
                ).id,
                "dso_interactive": True,
                "dso_minimum_amount": 50,
                "dso_ignore_below": 5,
            }
        )
        public = self.env["res.partner.category"].create({"name": "Public body"})
        self.env["dso.assignment.rule"].create(
            {
                "name": "Public bodies",
                "company_id": company.id,
                "domain": f"[('category_id', 'in', [{public.id}])]",
                "client_type_id": self.env.ref("dso_collection.client_type_public").id,
            }
        )
        by_hand = self.env["dso.scenario"].create(
            {
                "name": "Handled by hand",
                "sequence": 90,
                "description": "No proposal: for customers whose manager calls in"
                " person.",
            }
        )
        self.env["dso.client.type"].create(
            {"name": "Key account", "sequence": 40, "scenario_id": by_hand.id}
        )
        self.env["account.journal"].create(
            {
                "name": "Opening receivables",
                "code": "OPREC",
                "type": "general",
                "company_id": company.id,
                "dso_opening": True,
            }
        )

    # -------------------------------------------------------------------------
    # THE STORIES
    # -------------------------------------------------------------------------

    def _life_of_summit(self, life):
        """A confirmed e-mail leaves tomorrow (green)."""
        life.customer(
            "Summit Sporting Goods Inc.",
            "US",
            [
                {
                    "name": "Dana Whitfield",
                    "function": "Accounts payable",
                    "email": "ap@summit-sporting.example",
                    "phone": "+1 303-555-0117",
                }
            ],
            street="1420 Larimer Street",
            city="Denver",
            zip="80202",
            email="office@summit-sporting.example",
        )
        life.invoice(-2, 4250, "Trail shoes, spring collection")
        life.done(-7, STEP % 1)
        life.proposal(0, STEP % 2).action_confirm()

    def _life_of_maple(self, life):
        """The leader was paid: the next invoice leads, the scenario restarts. A promise
        that was kept closed its follow-up by itself."""
        life.customer(
            "Maple Leaf Outfitters Inc.",
            "CA",
            [
                {
                    "name": "Geneviève Tremblay",
                    "function": "Comptabilité fournisseurs",
                    "email": "g.tremblay@mapleleaf-outfitters.example",
                    "phone": "+1 416-555-0163",
                }
            ],
            lang="fr_CA",
            street="77 Wellington Street West",
            city="Toronto",
            zip="M5J 2T3",
        )
        leader = life.invoice(-34, 3120, "Canvas tents, order 4471")
        life.invoice(-8, 1985, "Sleeping bags, order 4502")
        promised = life.invoice(-20, 640, "Camping stoves, order 4489")
        life.done(-31, STEP % 2)
        life.done(-24, STEP % 3, outcome="Invoice found, will be approved")
        life.done(-16, STEP % 4)
        life.qualify(
            -12,
            promised,
            "status_promise_by_phone",
            "Ms Tremblay: in the payment run of next week.",
            promised=-6,
        )
        life.pay(promised, -7)
        life.pay(leader, -5)

    def _life_of_nordlicht(self, life):
        """The leader is disputed: it has a resolver and its own follow-up, the next
        invoice leads."""
        life.customer(
            "Nordlicht Möbel GmbH",
            "DE",
            [
                {
                    "name": "Jutta Petersen",
                    "function": "Kreditorenbuchhaltung",
                    "email": "buchhaltung@nordlicht-moebel.example",
                    "phone": "+49 40 66969 120",
                }
            ],
            lang="de_DE",
            street="Speicherstraße 14",
            city="Hamburg",
            zip="20457",
        )
        disputed = life.invoice(-25, 8900, "Oak boards, delivery 88-12")
        fittings = life.invoice(-9, 2150, "Fittings, delivery 88-31")
        life.done(-22, STEP % 2)
        life.done(-15, STEP % 3, outcome="Price is being checked")
        life.qualify(
            -4,
            disputed,
            "status_price_dispute",
            "Ordered at 82.00 a piece, billed at 89.00. Offer 2217 to be compared.",
            resolver=self.env.ref("dso_collection.user_demo_resolver"),
        )
        life.reply(
            0,
            "Rechnung 88-31 ist freigegeben und wird im nächsten Zahllauf bezahlt.\n"
            "Bei 88-12 warten wir weiter auf die Korrektur.",
            fittings,
            promised=4,
        )

    def _life_of_technova(self, life):
        """Invoices on several contacts; one is disputed in part: the rest is chased."""
        life.customer(
            "TechNova Solutions Inc.",
            "US",
            [
                {
                    "name": "TechNova, Accounts payable",
                    "type": "invoice",
                    "email": "invoices@technova.example",
                    "phone": "+1 512-555-0188",
                    "street": "600 Congress Avenue",
                    "city": "Austin",
                    "zip": "78701",
                    "country_id": self.env.ref("base.us").id,
                },
                {
                    "name": "Priya Raman",
                    "function": "Purchasing",
                    "email": "priya.raman@technova.example",
                },
            ],
            street="600 Congress Avenue",
            city="Austin",
            zip="78701",
        )
        payables, purchasing = life.partner.child_ids
        part = life.invoice(-14, 12000, "Rack servers, 8 pieces", partner=payables)
        life.invoice(16, 3400, "Maintenance contract", partner=purchasing)
        life.done(-11, STEP % 2)
        life.qualify(
            -3,
            part,
            "status_missing_material",
            "One server of eight is missing in the delivery.",
            disputed_amount=1500,
            resolver=self.env.ref("dso_collection.user_demo_resolver"),
        )

    def _life_of_beaumont(self, life):
        """Two promises run, one followed up by a call, one by an automatic e-mail."""
        life.customer(
            "Atelier Beaumont SAS",
            "FR",
            [
                {
                    "name": "Hélène Caron",
                    "function": "Responsable comptable",
                    "email": "h.caron@atelier-beaumont.example",
                    "phone": "+33 1 99 00 41 27",
                }
            ],
            lang="fr_FR",
            street="12 rue des Tisserands",
            city="Lyon",
            zip="69004",
        )
        first = life.invoice(-20, 3480, "Linen fabric, order 310")
        second = life.invoice(-6, 1260, "Buttons and zips, order 322")
        life.invoice(12, 1900, "Silk thread, order 340")
        life.done(-17, STEP % 2)
        life.done(-10, STEP % 3, outcome="Promise by phone")
        life.qualify(
            -10,
            first,
            "status_promise_by_phone",
            "Ms Caron pays with the run of the month.",
            promised=4,
        )
        life.qualify(
            -2,
            second,
            "status_promise_in_writing",
            "E-mail of the accounting department.",
            promised=6,
            follow_up={
                "action_model_id": self.env.ref(
                    "dso_collection.model_promise_reminder"
                ).id,
                "mode": "auto",
            },
        )

    def _life_of_ruiz(self, life):
        """A promise passed yesterday: its follow-up is due, nothing is called broken
        yet."""
        life.customer(
            "Ferretería Hermanos Ruiz S.L.",
            "ES",
            [
                {
                    "name": "Manuel Ruiz",
                    "function": "Gerente",
                    "email": "administracion@ferreteria-ruiz.example",
                    "phone": "+34 955 000 118",
                }
            ],
            lang="es_ES",
            street="Calle Feria 41",
            city="Sevilla",
            zip="41003",
        )
        move = life.invoice(-18, 2735, "Hand tools, order 91")
        life.done(-15, STEP % 2)
        life.done(-8, STEP % 3, outcome="Promise by phone")
        life.qualify(
            -8,
            move,
            "status_promise_by_phone",
            "Mr Ruiz transfers on that day himself.",
            promised=-1,
        )

    def _life_of_bianchi(self, life):
        """A broken promise, promised again and broken again. Another promise lets the
        scenario continue."""
        life.customer(
            "Officine Bianchi S.p.A.",
            "IT",
            [
                {
                    "name": "Paolo Ferraris",
                    "function": "Amministrazione",
                    "email": "amministrazione@officine-bianchi.example",
                    "phone": "+39 011 000 4471",
                }
            ],
            lang="it_IT",
            street="Corso Francia 208",
            city="Torino",
            zip="10146",
        )
        broken = life.invoice(-47, 7450, "Machine parts, order 60-118")
        going_on = life.invoice(-12, 2980, "Machine parts, order 60-140")
        life.done(-44, STEP % 2)
        life.done(-37, STEP % 3, outcome="Promise by phone")
        life.qualify(
            -37,
            broken,
            "status_promise_by_phone",
            "Mr Ferraris: at the end of the week after next.",
            promised=-22,
        )
        life.complete(-20, broken, "Not paid, promises again")
        life.qualify(
            -20,
            broken,
            "status_promise_in_writing",
            "First promise not kept. New one in writing.",
            promised=-9,
        )
        life.done(-9, STEP % 2)
        life.qualify(
            -6,
            going_on,
            "status_promise_by_phone",
            "Promised, but after the other two the scenario goes on.",
            promised=3,
            follow_up=False,
        )

    def _life_of_lakeside(self, life):
        """Three instalments: the first is paid, the second leads with its own date. A
        hold has expired."""
        life.customer(
            "Lakeside Building Supplies Inc.",
            "US",
            [
                {
                    "name": "Tom Brannigan",
                    "function": "Controller",
                    "email": "tom.brannigan@lakeside-building.example",
                    "phone": "+1 312-555-0139",
                }
            ],
            street="233 South Wacker Drive",
            city="Chicago",
            zip="60606",
        )
        term = self.env["account.payment.term"].create(
            {
                "name": "Three monthly instalments",
                "company_id": life.company.id,
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": share, "nb_days": days}
                    )
                    for share, days in ((40, 0), (30, 30), (30, 60))
                ],
            }
        )
        move = life.invoice(
            -35,
            9000,
            "Roof trusses, building site 7",
            issued=-35,
            invoice_payment_term_id=term.id,
        )
        life.done(
            -32,
            STEP % 2,
            delivery="failed",
            detail="The mail server did not answer (connection timed out).",
        )
        life.done(-25, STEP % 3, outcome="First instalment leaves this week")
        life.hold(-25, "pause", "Waits for the first instalment.", until=-15)
        life.pay(move, -20, amount=3600)

    def _life_of_vandijk(self, life):
        """Invoices in two currencies. A qualification by mistake was undone."""
        life.customer(
            "Van Dijk Bloemen B.V.",
            "NL",
            [
                {
                    "name": "Sanne de Wit",
                    "function": "Crediteurenadministratie",
                    "email": "crediteuren@vandijk-bloemen.example",
                    "phone": "+31 297 000 345",
                }
            ],
            lang="nl_NL",
            street="Legmeerdijk 313",
            city="Aalsmeer",
            zip="1431 GB",
        )
        euros = life.invoice(
            -19,
            5600,
            "Greenhouse film, order A-77",
            currency_id=self.env.ref("base.EUR").id,
        )
        life.invoice(-6, 2300, "Irrigation valves, order A-80")
        life.done(-16, STEP % 2)
        life.out_of_scenario(
            -12, "model_statement", "Statement on request of Ms de Wit.", done=True
        )
        life.done(-9, STEP % 3, outcome="Nobody reached, message left")
        mistake = life.qualify(
            -3, euros, "status_quality_dispute", "Entered on the wrong customer."
        )
        life.undo(-3, mistake)

    def _life_of_harbour(self, life):
        """A payment that nobody allocated covers what is overdue: allocate, don't
        chase. The customer has written so."""
        life.customer(
            "Blue Harbour Shipping Ltd",
            "GB",
            [
                {
                    "name": "Oliver Grant",
                    "function": "Finance manager",
                    "email": "accounts@blueharbour.example",
                    "phone": "+44 20 7946 0321",
                }
            ],
            street="4 Ocean Village",
            city="Southampton",
            zip="SO14 3TL",
        )
        voyage = life.invoice(-13, 2750, "Container seals, voyage 19")
        life.invoice(20, 6000, "Container seals, voyage 24")
        life.done(-10, STEP % 2)
        life.unallocated(-2, 3000, "VOYAGE 19 AND ON ACCOUNT")
        life.reply(
            -1,
            "Voyage 19 was paid on Friday, with something on account for the next"
            " one. Please check your bank.",
            voyage,
            source="mail",
            name="Re: Your account",
        )

    def _life_of_lindqvist(self, life):
        """The customer is in credit: an overpayment, a credit note, a bonus."""
        life.customer(
            "Lindqvist Design AB",
            "SE",
            [
                {
                    "name": "Karin Lindqvist",
                    "function": "VD",
                    "email": "karin@lindqvist-design.example",
                    "phone": "+46 31 390 06 21",
                }
            ],
            lang="sv_SE",
            street="Magasinsgatan 22",
            city="Göteborg",
            zip="411 18",
        )
        life.invoice(-3, 400, "Lamp sockets")
        life.credit_note(-15, 150, "Returned lamp shades")
        life.unallocated(-10, 500, "PAID TWICE, PLEASE KEEP")
        life.entry(-5, -100, "Yearly bonus", self._general_journal(life.company))

    def _life_of_lumen(self, life):
        """Too little to chase: below the minimum, and an item below the threshold."""
        life.customer(
            "Café Lumen SRL",
            "BE",
            [
                {
                    "name": "Amélie Dubois",
                    "function": "Gérante",
                    "email": "bonjour@cafe-lumen.example",
                    "phone": "+32 2 000 21 88",
                }
            ],
            lang="fr_BE",
            street="Rue du Page 16",
            city="Bruxelles",
            zip="1050",
        )
        life.invoice(-60, 3.9, "Rounding of the delivery costs")
        life.invoice(-22, 38.4, "Coffee filters")

    def _life_of_green_valley(self, life):
        """A dispute was resolved three days ago: the invoice leads again after its
        breathing space."""
        life.customer(
            "Green Valley Farms Inc.",
            "US",
            [
                {
                    "name": "Rosa Delgado",
                    "function": "Bookkeeping",
                    "email": "books@greenvalley-farms.example",
                    "phone": "+1 559-555-0126",
                }
            ],
            street="2180 Orchard Road",
            city="Fresno",
            zip="93706",
        )
        move = life.invoice(-28, 5200, "Irrigation pumps, 4 pieces")
        life.done(-25, STEP % 2)
        life.qualify(
            -20,
            move,
            "status_quality_dispute",
            "One pump leaks. Photographs by e-mail.",
            resolver=self.env.ref("dso_collection.user_demo_resolver"),
        )
        life.complete(-3, move, "Justified in part, credit note")
        life.credit_note(-3, 600, "Allowance for a leaking pump")
        life.reply(
            -4,
            "Thanks for the credit note over 600. Nothing else is open between us.",
            move,
            source="user",
            name="Call of Ms Delgado",
        ).with_user(life.user).action_validate()

    def _life_of_adria(self, life):
        """Three companies of one group are collected together. The oldest item was
        taken over from the former system."""
        members = self.env["dso.account"]
        for name, city, due, amount in (
            ("Adria Hoteli d.o.o.", "Split", -11, 3300),
            ("Adria Marine d.o.o.", "Zadar", -5, 870),
        ):
            member = Life(self.env, life.company, life.user, life.today).customer(
                name, "HR", street="Obala 5", city=city, lang="hr_HR"
            )
            member.invoice(due, amount, "Pool cleaning products")
            members |= member.account
        member.entry(-33, 1450, "SI-2291 of the former system", self._opening(life))
        life.customer(
            "Adria Holding d.d.",
            "HR",
            [
                {
                    "name": "Ivana Kovačević",
                    "function": "Voditeljica financija",
                    "email": "financije@adria-holding.example",
                    "phone": "+385 1 000 4420",
                }
            ],
            lang="hr_HR",
            street="Savska cesta 41",
            city="Zagreb",
            zip="10000",
        )
        life.invoice(9, 2400, "Chlorine tablets, frame contract")
        members.write({"head_id": life.account.id})
        life.done(-20, STEP % 2)

    def _life_of_kowalski(self, life):
        """An e-mail is planned and nobody to send it to (yellow)."""
        life.customer(
            "Kowalski Transport Sp. z o.o.",
            "PL",
            lang="pl_PL",
            street="ul. Magazynowa 8",
            city="Poznań",
            zip="61-001",
            phone="+48 61 000 74 20",
        )
        life.invoice(-6, 1640, "Pallet wrapping film")

    def _life_of_sakura(self, life):
        """The contact's e-mail came back and was removed: the next one cannot leave
        (yellow)."""
        life.customer(
            "Sakura Trading K.K.",
            "JP",
            [
                {
                    "name": "Kenji Sato",
                    "function": "経理部",
                    "email": "keiri@sakura-trading.example",
                    "phone": "+81 3 0000 1192",
                }
            ],
            lang="ja_JP",
            street="2-4-1 Nihonbashi",
            city="Tokyo",
            zip="103-0027",
        )
        life.invoice(-4, 9800, "Ceramic blades, lot 17")
        life.done(
            -9,
            STEP % 1,
            delivery="bounced",
            detail="550 5.1.1 keiri@sakura-trading.example: user unknown",
        )
        life.account.contact_id.sudo().email = False

    def _life_of_fjord(self, life):
        """A new customer to whom nobody gave a scenario."""
        life.customer(
            "Fjord Seafood AS",
            "NO",
            [
                {
                    "name": "Ingrid Haugen",
                    "function": "Regnskap",
                    "email": "regnskap@fjord-seafood.example",
                    "phone": "+47 55 00 01 77",
                }
            ],
            lang="nb_NO",
            street="Bryggen 9",
            city="Bergen",
            zip="5003",
        )
        life.account.write({"client_type_id": False, "scenario_id": False})
        life.invoice(-10, 2220, "Cooling boxes")

    def _life_of_prestige(self, life):
        """A key account, handled by hand: a scenario without actions, and calls that
        its manager plans."""
        life.customer(
            "Prestige Motors Ltd",
            "GB",
            [
                {
                    "name": "Fiona Ashworth",
                    "function": "Finance director",
                    "email": "fiona.ashworth@prestige-motors.example",
                    "phone": "+44 161 496 0455",
                }
            ],
            street="18 Deansgate",
            city="Manchester",
            zip="M3 2BA",
        )
        life.account.client_type_id = self.env["dso.client.type"].search(
            [("name", "=", "Key account")], limit=1
        )
        life.account.note = "Key account: calls only, by the credit manager in person."
        life.invoice(-7, 18400, "Leather interiors, batch 5")
        life.out_of_scenario(
            -3, "model_phone_call", "Ms Ashworth looks into it.", done=True
        )
        life.out_of_scenario(2, "model_phone_call", "Call Ms Ashworth again.")
        cancelled = life.out_of_scenario(1, "model_statement", "Statement, not wanted.")
        cancelled.action_cancel()

    def _life_of_desert_rose(self, life):
        """All steps of the scenario are done: a person decides what comes next."""
        life.customer(
            "Desert Rose Trading LLC",
            "AE",
            [
                {
                    "name": "Farid Haddad",
                    "function": "Chief accountant",
                    "email": "accounts@desertrose-trading.example",
                    "phone": "+971 4 000 6610",
                }
            ],
            street="Al Maktoum Road 77",
            city="Dubai",
        )
        life.account.client_type_id = self.env.ref("dso_collection.client_type_risky")
        life.invoice(-90, 6150, "Generators, contract DR-9")
        life.done(-89, RISKY % 2)
        life.proposal(-81, RISKY % 3).action_skip()
        life.done(
            -75,
            RISKY % 4,
            delivery="unknown",
            detail="The connection ended before the mail server answered.",
        )
        life.done(-67, RISKY % 5, outcome="Received, no answer")
        life.done(-52, RISKY % 6, outcome="Not handed over: amount under discussion")

    def _life_of_iberia(self, life):
        """The formal notice is due today: a person releases it."""
        life.customer(
            "Ibéria Embalagens Lda",
            "PT",
            [
                {
                    "name": "João Ferreira",
                    "function": "Contabilidade",
                    "email": "contabilidade@iberia-embalagens.example",
                    "phone": "+351 22 000 9081",
                }
            ],
            lang="pt_PT",
            street="Rua do Almada 120",
            city="Porto",
            zip="4050-030",
        )
        move = life.invoice(-30, 4875, "Cardboard boxes, order 2204")
        life.done(-27, STEP % 2)
        life.qualify(-27, move, "status_reminder_1", "Reminder sent.", follow_up=False)
        life.done(-20, STEP % 3, outcome="Asks for patience, no date given")
        life.qualify(-20, move, "status_contacted", "No date given.", follow_up=False)
        life.done(-12, STEP % 4)
        life.qualify(
            -12,
            move,
            "status_reminder_2",
            "No reaction to two e-mails.",
            follow_up=False,
        )

    def _life_of_palazzo(self, life):
        """Insolvency: the claim is filed, its invoices are left out of dunning."""
        life.customer(
            "Palazzo Verde S.r.l.",
            "IT",
            [
                {
                    "name": "Avv. Lucia Conti",
                    "function": "Curatrice",
                    "email": "studio.conti@legali.example",
                    "phone": "+39 06 000 2218",
                }
            ],
            lang="it_IT",
            street="Via Giulia 60",
            city="Roma",
            zip="00186",
        )
        moves = life.invoice(-75, 11200, "Garden furniture, order 14")
        moves |= life.invoice(-45, 3800, "Garden furniture, order 19")
        life.done(-72, STEP % 2)
        life.done(-65, STEP % 3, outcome="Phone no longer answered")
        life.done(-57, STEP % 4)
        life.done(-45, STEP % 5, outcome="Returned: company in liquidation")
        life.done(-30, STEP % 6)
        life.qualify(
            -29, moves, "status_insolvency", "Claim filed with the court of Rome."
        )

    def _life_of_altamar(self, life):
        """On hold for three weeks, by agreement with the credit manager."""
        life.customer(
            "Grupo Altamar S.A. de C.V.",
            "MX",
            [
                {
                    "name": "Lucía Hernández",
                    "function": "Cuentas por pagar",
                    "email": "pagos@grupo-altamar.example",
                    "phone": "+52 55 0000 3318",
                }
            ],
            lang="es_MX",
            street="Paseo de la Reforma 250",
            city="Ciudad de México",
            zip="06600",
        )
        life.invoice(-15, 13900, "Marine paint, shipment 6")
        life.done(-12, STEP % 2)
        life.proposal(-2, STEP % 3)
        life.hold(-1, "pause", "Refinancing: the bank decides this month.", until=20)

    def _life_of_lindenau(self, life):
        """A public body, which gets its client type by an assignment rule; the next
        statement was moved by a person."""
        category = self.env["res.partner.category"].search(
            [("name", "=", "Public body")], limit=1
        )
        life.customer(
            "Stadt Lindenau, Bauamt",
            "AT",
            [
                {
                    "name": "Mag. Eva Hofer",
                    "function": "Buchhaltung",
                    "email": "buchhaltung@stadt-lindenau.example",
                    "phone": "+43 1 000 7710",
                }
            ],
            lang="de_DE",
            street="Rathausplatz 1",
            city="Lindenau",
            zip="3100",
            category_id=[Command.set(category.ids)],
        )
        life.invoice(-40, 7320, "Street furniture, tender 2-11")
        life.done(-25, PUBLIC % 1)
        life.done(-14, PUBLIC % 2, outcome="Waits for the council's approval")
        life.proposal(-1, PUBLIC % 3).action_reschedule(life.day(9))

    def _life_of_oak_iron(self, life):
        """Every invoice has its own reason not to be chased, but one."""
        life.customer(
            "Oak & Iron Works LLC",
            "US",
            [
                {
                    "name": "Walter Kessler",
                    "function": "Office",
                    "email": "office@oak-and-iron.example",
                    "phone": "+1 412-555-0171",
                }
            ],
            street="900 Penn Avenue",
            city="Pittsburgh",
            zip="15222",
        )
        paid = life.invoice(-16, 1780, "Wrought iron gates")
        document = life.invoice(-11, 640, "Hinges")
        ignored = life.invoice(-70, 95, "Old delivery costs, goodwill")
        blocked = life.invoice(-21, 1200, "Fence posts")
        under_way = life.invoice(-5, 830, "Door handles")
        resolved = life.invoice(-4, 2110, "Balcony railings")
        life.entry(
            -50,
            85,
            "Bank charges re-billed",
            self._general_journal(life.company),
            False,
        )
        life.done(-13, STEP % 2)
        life.qualify(
            -6, paid, "status_already_paid", "Says it was transferred last week."
        )
        life.qualify(
            -6, document, "status_waiting_for_document", "Asks for the delivery note."
        )
        ignored.dso_ignored = True
        blocked.action_toggle_block_payment()
        self.env["payment.transaction"].create(
            {
                "provider_id": self.env["payment.provider"]
                .search([("company_id", "=", life.company.id)], limit=1)
                .id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "reference": f"{under_way.name}-DEMO",
                "amount": under_way.amount_residual,
                "currency_id": under_way.currency_id.id,
                "partner_id": life.partner.id,
                "invoice_ids": [Command.set(under_way.ids)],
                "state": "pending",
            }
        )
        life.qualify(
            -3,
            resolved,
            "status_administrative_dispute",
            "Purchase order number is missing.",
            resolver=self.env.ref("dso_collection.user_demo_resolver"),
        )
        life.qualify(
            -2,
            resolved,
            "status_dispute_resolved",
            "Number sent, invoice accepted.",
            follow_up=False,
        )

    # -------------------------------------------------------------------------

    def _general_journal(self, company):
        return self.env["account.journal"].search(
            [
                ("type", "=", "general"),
                ("company_id", "=", company.id),
                ("dso_opening", "=", False),
            ],
            limit=1,
        )

    def _opening(self, life):
        return self.env["account.journal"].search(
            [("dso_opening", "=", True), ("company_id", "=", life.company.id)], limit=1
        )
