import {expect, test} from "@odoo/hoot";
import {click, keyDown, press, queryAllTexts, queryOne} from "@odoo/hoot-dom";
import {animationFrame, runAllTimers} from "@odoo/hoot-mock";
import {
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

function row(id, values) {
    return {
        line_id: id,
        account_id: 1,
        move_id: id,
        kind: "invoice",
        name: `INV/${id}`,
        ref: null,
        invoice_date: "2026-10-01",
        due: "2026-11-01",
        days_late: 22,
        amount: 100 * id,
        company_amount: 100 * id,
        currency_id: 1,
        position: 1,
        instalments: 1,
        penalty: 0,
        recovery: 0,
        status_id: null,
        status_type: null,
        comment: null,
        promise_date: null,
        promised_company: 0,
        disputed_amount: 0,
        disputed_company: 0,
        resolver_id: null,
        attachment_count: 0,
        group: "claimed",
        ...values,
    };
}

const labels = {
    company_currency_id: 1,
    accounts: {1: "Customer"},
    statuses: {7: "Wrong price"},
    resolvers: {},
    kinds: {invoice: "Invoice", payment: "Payment"},
    groups: {claimed: "Open invoices", disputed: "Disputed", credits: "Credits"},
    can: {qualify: true, collect: true},
    quick_promise: {},
};

const statement = {
    rows: [
        row(1),
        row(2, {due: "2026-11-05", days_late: 18}),
        row(3, {
            due: "2026-11-10",
            days_late: 13,
            status_id: 7,
            status_type: "dispute",
            comment: "Five percent too much",
            disputed_amount: 300,
            disputed_company: 300,
            group: "disputed",
        }),
        row(4, {due: "2026-12-10", days_late: 0, currency_id: 2, amount: 80}),
        row(5, {
            kind: "payment",
            amount: -50,
            company_amount: -50,
            due: "2026-11-20",
            days_late: 0,
            group: "credits",
        }),
    ],
    totals: {
        total: 950,
        overdue: 600,
        not_due: 400,
        credits: -50,
        disputed: 300,
        promised: 0,
        currencies: [],
    },
    labels,
};

const viewerLabels = {...labels, can: {qualify: false, collect: false}};

class DsoAccount extends models.Model {
    _name = "dso.account";
    statement = fields.Json();
    _records = [
        {id: 1, statement},
        {id: 2, statement: {...statement, labels: viewerLabels}},
    ];
}
defineMailModels();
defineModels([DsoAccount]);

const arch = /* xml */ `
    <form>
        <field name="statement" widget="dso_statement_totals"/>
        <field name="statement" widget="dso_statement"/>
    </form>`;

const open = (resId = 1) =>
    mountView({type: "form", resModel: "dso.account", resId, arch});
const numbers = () => queryAllTexts(".o_dso_row .o_dso_open");
const ticked = () => queryAllTexts('.o_dso_row[aria-selected="true"] .o_dso_open');

test("every item has its row, and nothing can be done without a tick", async () => {
    await open();
    expect(numbers()).toEqual(["INV/1", "INV/2", "INV/3", "INV/5", "INV/4"]);
    expect("[data-run=qualify]").not.toBeEnabled();
    expect(".o_dso_sum").toHaveText("Nothing ticked");
    expect(".o_dso_print").toBeEnabled();
});

test("a tick adds up, in each currency where there are several", async () => {
    await open();
    await click('[data-line="1"] [data-column=due]');
    await animationFrame();
    expect(ticked()).toEqual(["INV/1"]);
    expect(".o_dso_sum").toHaveText(/1 ticked.*100/);
    expect("[data-run=qualify]").toBeEnabled();
    await click('[data-line="4"] [data-column=due]');
    await animationFrame();
    expect(".o_dso_sum strong").toHaveText(/2 ticked.*500/);
    expect(".o_dso_sum").toHaveText(/\+/);
});

test("shift ticks the range, and gives back what it leaves", async () => {
    await open();
    await click('[data-line="1"] [data-column=due]');
    await keyDown("Shift");
    await click('[data-line="5"] [data-column=due]');
    await animationFrame();
    expect(ticked()).toEqual(["INV/1", "INV/2", "INV/3", "INV/5"]);
    await click('[data-line="2"] [data-column=due]');
    await animationFrame();
    expect(ticked()).toEqual(["INV/1", "INV/2"]);
});

test("arrows, space, shift with arrows, ctrl+A and escape", async () => {
    await open();
    queryOne('[data-line="1"]').focus();
    await press(" ");
    await press("ArrowDown");
    await animationFrame();
    expect(ticked()).toEqual(["INV/1"]);
    expect('[data-line="2"]').toBeFocused();
    await press(["Shift", "ArrowDown"]);
    await animationFrame();
    expect(ticked()).toEqual(["INV/1", "INV/2", "INV/3"]);
    await press(["Shift", "ArrowUp"]);
    await animationFrame();
    expect(ticked()).toEqual(["INV/1", "INV/2"]);
    await press(["Control", "a"]);
    await animationFrame();
    expect(ticked()).toHaveLength(5);
    await press("Escape");
    await animationFrame();
    expect(ticked()).toHaveLength(0);
});

test("a tick leaves the other rows and all classes alone", async () => {
    await open();
    const changes = [];
    const observer = new MutationObserver((records) => changes.push(...records));
    observer.observe(queryOne(".o_dso_statement"), {
        attributes: true,
        childList: true,
        subtree: true,
    });
    await click('[data-line="3"] [data-column=due]');
    await animationFrame();
    observer.disconnect();
    const rows = new Set(
        changes.map((record) => record.target.closest("tr")).filter(Boolean)
    );
    expect([...rows].map((tr) => tr.dataset.line)).toEqual(["3"]);
    expect(changes.filter((record) => record.attributeName === "class")).toEqual([]);
    expect(changes.filter((record) => record.type === "childList")).toEqual([]);
});

test("an amount of the header filters the statement; ticks stay and are told", async () => {
    await open();
    await click('[data-line="1"] [data-column=due]');
    await click("[data-total=disputed]");
    await animationFrame();
    expect(numbers()).toEqual(["INV/3"]);
    expect("[data-total=disputed]").toHaveAttribute("aria-pressed", "true");
    expect(".o_dso_sum").toHaveText(/1 of them not shown/);
    await click("[data-total=total]");
    await animationFrame();
    expect(numbers()).toHaveLength(5);
});

test("text is searched in comments, columns sort, headings group", async () => {
    await open();
    await click("[data-sort=amount]");
    await animationFrame();
    expect(numbers()).toEqual(["INV/5", "INV/1", "INV/2", "INV/3", "INV/4"]);
    await click(".o_dso_group");
    await animationFrame();
    await click(".o-dropdown-item:contains(Heading)");
    await animationFrame();
    expect(queryAllTexts(".o_dso_section button[aria-expanded]")).toEqual([
        "Open invoices (3)",
        "Disputed (1)",
        "Credits (1)",
    ]);
    await click(".o_dso_search");
    queryOne(".o_dso_search").value = "percent";
    queryOne(".o_dso_search").dispatchEvent(new Event("input", {bubbles: true}));
    await runAllTimers();
    await animationFrame();
    expect(numbers()).toEqual(["INV/3"]);
});

test("who may not qualify sees why the buttons sleep", async () => {
    await open(2);
    await click('[data-line="1"] [data-column=due]');
    await animationFrame();
    expect("[data-run=qualify]").not.toBeEnabled();
    expect("span:has(> [data-run=qualify])").toHaveAttribute("title", /Resolver/);
    expect(".o_dso_status").toHaveCount(0);
});

test("the window of a button works on what is ticked", async () => {
    onRpc("account.move.line", "action_dso_toggle_ignored", ({args}) => {
        expect.step(args[0]);
        return true;
    });
    await open();
    await click('[data-line="2"] [data-column=due]');
    await click('[data-line="3"] [data-column=due]');
    await animationFrame();
    await click("[data-run=ignore]");
    await animationFrame();
    expect.verifySteps([[2, 3]]);
    expect(ticked()).toHaveLength(0);
});
