import {markRaw, reactive} from "@odoo/owl";
import {formatCurrency} from "@web/core/currency";
import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {normalize} from "@web/core/l10n/utils/normalize";

/** Rows drawn at once; a button draws the next ones. */
export const PAGE = 500;

/** Quick filters: what a chip, or an amount of the header, lets through. */
export const QUICK = {
    overdue: (row) => row.days_late > 0,
    not_due: (row) => row.company_amount > 0 && row.days_late === 0,
    disputed: (row) => row.disputed_amount !== 0,
    promised: (row) => row.promised_company > 0,
    unqualified: (row) => row.days_late > 0 && !row.status_id,
    credits: (row) => row.company_amount < 0,
};

const byText = (name) => (row) => row.text[name];
const byValue = (name) => (row) => row[name];

/** What a column sorts by. */
const SORT = {
    kind: byText("kind"),
    name: byValue("name"),
    invoice_date: byValue("invoice_date"),
    due: byValue("due"),
    days_late: byValue("days_late"),
    amount: byValue("company_amount"),
    company_amount: byValue("company_amount"),
    costs: (row) => row.penalty + row.recovery,
    status: byText("status"),
    promise: byValue("promise_date"),
    comment: byValue("comment"),
    resolver: byText("resolver"),
    account: byText("account"),
};

function compare(a, b) {
    // what is empty comes last, whichever way the column is sorted
    if (typeof a === "string" && typeof b === "string") {
        return a.localeCompare(b, undefined, {numeric: true});
    }
    return a < b ? -1 : a > b ? 1 : 0;
}

const isEmpty = (value) => value === null || value === undefined || value === "";

/**
 * Rows, ticks and view of one statement.
 *
 * Each row has a small reactive state of its own, which only its component reads: a
 * tick draws one row and the bar with the totals, not the table.
 */
export class StatementStore {
    constructor() {
        this.view = reactive({
            text: "",
            quick: false,
            groupBy: "none",
            sort: "due",
            ascending: true,
            limit: PAGE,
            folded: {},
            version: 0,
        });
        this.sum = reactive({count: 0, hidden: 0, company: 0, currencies: [], all: ""});
        this.rows = [];
        this.byId = new Map();
        this.labels = {accounts: {}, groups: {}, can: {}};
        this.totals = {currencies: []};
        this.anchor = null;
        this.base = null;
        this.active = null;
    }

    /** Take over what the server told; rows still there keep their tick. */
    load(statement) {
        const before = this.byId;
        const {rows = [], labels = this.labels, totals = this.totals} = statement || {};
        this.labels = labels;
        this.totals = totals;
        this.rows = rows.map((row) => this.prepare({...row}, before.get(row.line_id)));
        this.byId = new Map(this.rows.map((row) => [row.line_id, row]));
        this.anchor = this.byId.has(this.anchor) ? this.anchor : null;
        this.active = this.byId.has(this.active) ? this.active : null;
        this.base = null;
        this.view.version++;
        this.count();
    }

    /** Words of a row in the user's language, made once. */
    prepare(row, old) {
        const labels = this.labels;
        const date = (value) => (value ? formatDate(deserializeDate(value)) : "");
        const number =
            row.instalments > 1
                ? _t("%(number)s (%(position)s of %(count)s)", {
                      number: row.name,
                      position: row.position,
                      count: row.instalments,
                  })
                : row.name;
        row.text = {
            number,
            kind: labels.kinds?.[row.kind] || row.kind,
            invoice_date: date(row.invoice_date),
            due: date(row.due),
            amount: formatCurrency(row.amount, row.currency_id),
            company: formatCurrency(row.company_amount, labels.company_currency_id),
            disputed:
                row.disputed_amount && row.disputed_amount !== row.amount
                    ? _t(
                          "%s disputed",
                          formatCurrency(row.disputed_amount, row.currency_id)
                      )
                    : "",
            costs:
                row.penalty || row.recovery
                    ? formatCurrency(
                          row.penalty + row.recovery,
                          labels.company_currency_id
                      )
                    : "",
            costsTitle:
                row.penalty || row.recovery
                    ? _t("Late penalty %(penalty)s, recovery cost %(recovery)s", {
                          penalty: formatCurrency(
                              row.penalty,
                              labels.company_currency_id
                          ),
                          recovery: formatCurrency(
                              row.recovery,
                              labels.company_currency_id
                          ),
                      })
                    : "",
            status: labels.statuses?.[row.status_id] || "",
            promise: date(row.promise_date),
            promiseState: row.promise_date
                ? labels.promise_states?.[row.promise_state] || ""
                : "",
            resolver: labels.resolvers?.[row.resolver_id] || "",
            account: labels.accounts?.[row.account_id] || "",
            month: row.due ? deserializeDate(row.due).toFormat("MMMM yyyy") : "",
        };
        row.search = normalize(
            [
                row.name,
                row.ref,
                row.text.status,
                row.comment,
                row.text.resolver,
                row.text.kind,
                row.text.amount,
                row.text.account,
                String(row.amount),
            ]
                .filter(Boolean)
                .join("\n")
        );
        row.state = old ? old.state : reactive({ticked: false, active: false});
        return markRaw(row);
    }

    // What is shown -----------------------------------------------------------------

    get several() {
        return Object.keys(this.labels.accounts || {}).length > 1;
    }

    get foreign() {
        return this.rows.some(
            (row) => row.currency_id !== this.labels.company_currency_id
        );
    }

    counts() {
        const counts = {};
        for (const key of Object.keys(QUICK)) {
            counts[key] = this.rows.filter(QUICK[key]).length;
        }
        return counts;
    }

    /** Rows that the filters let through, sorted. */
    filtered() {
        const {text, quick, sort, ascending} = this.view;
        const needle = normalize(text.trim());
        const value = SORT[sort];
        return this.rows
            .filter(
                (row) =>
                    (!quick || QUICK[quick](row)) &&
                    (!needle || row.search.includes(needle))
            )
            .map((row, index) => ({row, index, key: value(row)}))
            .sort((a, b) => {
                const empty = isEmpty(a.key) - isEmpty(b.key);
                if (empty) {
                    return empty;
                }
                const order = isEmpty(a.key) ? 0 : compare(a.key, b.key);
                return (ascending ? order : -order) || a.index - b.index;
            })
            .map((entry) => entry.row);
    }

    /** Sections of the table: [{key, label, rows, total}]; one without label ungrouped. */
    sections() {
        const rows = this.filtered();
        const {groupBy} = this.view;
        const key = {
            type: (row) => [row.kind, row.text.kind],
            status: (row) => [row.status_id || 0, row.text.status || _t("No status")],
            month: (row) => [row.due?.slice(0, 7) || "", row.text.month],
            account: (row) => [row.account_id, row.text.account],
            heading: (row) => [row.group, this.labels.groups[row.group]],
        }[groupBy];
        if (!key) {
            return [{key: "all", label: "", rows}];
        }
        const sections = new Map();
        for (const row of rows) {
            const [id, label] = key(row);
            if (!sections.has(id)) {
                sections.set(id, {
                    key: `${groupBy}-${id}`,
                    id,
                    label,
                    rows: [],
                    sum: 0,
                });
            }
            const section = sections.get(id);
            section.rows.push(row);
            section.sum += row.company_amount;
        }
        const order = Object.keys(this.labels.groups || {});
        const list = [...sections.values()].sort((a, b) =>
            groupBy === "heading"
                ? order.indexOf(a.id) - order.indexOf(b.id)
                : compare(
                      groupBy === "month" ? a.id : a.label,
                      groupBy === "month" ? b.id : b.label
                  )
        );
        for (const section of list) {
            section.total = formatCurrency(
                section.sum,
                this.labels.company_currency_id
            );
        }
        return list;
    }

    /** Rows in the order in which the user sees them. */
    shown() {
        let left = this.view.limit;
        const rows = [];
        for (const section of this.sections()) {
            if (!this.view.folded[section.key]) {
                rows.push(...section.rows.slice(0, left));
                left = Math.max(left - section.rows.length, 0);
            }
        }
        return rows;
    }

    setSort(column) {
        if (this.view.sort === column) {
            this.view.ascending = !this.view.ascending;
        } else {
            this.view.sort = column;
            this.view.ascending = true;
        }
    }

    setQuick(quick) {
        this.view.quick = this.view.quick === quick ? false : quick;
        this.count();
    }

    setText(text) {
        this.view.text = text;
        this.count();
    }

    // Ticks -------------------------------------------------------------------------

    get ticked() {
        return this.rows.filter((row) => row.state.ticked);
    }

    get tickedIds() {
        return this.ticked.map((row) => row.line_id);
    }

    set(rows, ticked) {
        for (const row of rows) {
            if (row.state.ticked !== ticked) {
                row.state.ticked = ticked;
            }
        }
    }

    /** Add up what is ticked. */
    count() {
        const shown =
            this.view.text || this.view.quick ? new Set(this.filtered()) : null;
        const amounts = new Map();
        let company = 0;
        let count = 0;
        let hidden = 0;
        for (const row of this.rows) {
            if (!row.state.ticked) {
                continue;
            }
            count++;
            hidden += shown && !shown.has(row) ? 1 : 0;
            company += row.company_amount;
            amounts.set(
                row.currency_id,
                (amounts.get(row.currency_id) || 0) + row.amount
            );
        }
        const own = this.labels.company_currency_id;
        const foreign = amounts.size > 1 || (amounts.size === 1 && !amounts.has(own));
        Object.assign(this.sum, {
            count,
            hidden,
            company: formatCurrency(company, own),
            currencies: foreign
                ? [...amounts].map(([id, amount]) => formatCurrency(amount, id))
                : [],
        });
    }

    activate(row) {
        if (this.active && this.byId.has(this.active)) {
            this.byId.get(this.active).state.active = false;
        }
        this.active = row ? row.line_id : null;
        if (row) {
            row.state.active = true;
        }
    }

    /** Tick one row, or with ``range`` all from the last one ticked to it. */
    tick(row, range = false) {
        if (range && this.anchor) {
            this.extend(row);
        } else {
            this.base = null;
            this.anchor = row.line_id;
            row.state.ticked = !row.state.ticked;
        }
        this.activate(row);
        this.count();
    }

    /** Tick from the anchor to ``row``; going back unticks what the range leaves. */
    extend(row) {
        const rows = this.shown();
        const from = rows.findIndex((other) => other.line_id === this.anchor);
        const to = rows.indexOf(row);
        if (from < 0 || to < 0) {
            row.state.ticked = true;
            return;
        }
        this.base = this.base || new Set(this.ticked);
        const range = new Set(rows.slice(Math.min(from, to), Math.max(from, to) + 1));
        for (const other of rows) {
            const ticked = range.has(other) || this.base.has(other);
            if (other.state.ticked !== ticked) {
                other.state.ticked = ticked;
            }
        }
    }

    /** Move the focus; with ``range`` tick on the way. Returns the row now active. */
    move(step, range = false) {
        const rows = this.shown();
        if (!rows.length) {
            return null;
        }
        const at = rows.findIndex((row) => row.line_id === this.active);
        const to = Math.min(Math.max(at < 0 ? 0 : at + step, 0), rows.length - 1);
        if (range) {
            if (!this.base) {
                this.anchor = rows[Math.max(at, 0)].line_id;
            }
            this.extend(rows[to]);
            this.count();
        } else {
            this.base = null;
        }
        this.activate(rows[to]);
        return rows[to];
    }

    tickAll(ticked = true) {
        this.base = null;
        this.set(this.filtered(), ticked);
        this.count();
    }

    clear() {
        this.base = null;
        this.anchor = null;
        this.set(this.rows, false);
        this.count();
    }
}

const stores = new WeakMap();

/** The store of a record: header and table of one form share it. */
export function statementStore(model) {
    if (!stores.has(model)) {
        stores.set(model, new StatementStore());
    }
    return stores.get(model);
}
