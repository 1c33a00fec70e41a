import {Component, onWillRender, toRaw, useRef, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {CheckboxItem} from "@web/core/dropdown/checkbox_item";
import {download} from "@web/core/network/download";
import {usePopover} from "@web/core/popover/popover_hook";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {ItemDetails} from "./item_details";
import {PAGE, statementStore} from "./statement_store";

const STORAGE = "dso_collection.statement.columns";

/** Colour of a status; its name always stands in the badge. */
const STATUS_CLASS = {
    dispute: "text-bg-danger",
    litigation: "text-bg-danger",
    promise_to_pay: "text-bg-info",
    dispute_resolved: "text-bg-success",
};

/** Columns with whether they are shown at first; ``wide``: only on wide screens. */
function allColumns() {
    return [
        {name: "kind", label: _t("Type"), optional: true, show: true, wide: true},
        {name: "name", label: _t("Number")},
        {
            name: "invoice_date",
            label: _t("Date"),
            optional: true,
            show: true,
            wide: true,
        },
        {name: "due", label: _t("Due date")},
        {name: "days_late", label: _t("Days late"), number: true},
        {name: "amount", label: _t("Open amount"), number: true},
        {
            name: "company_amount",
            label: _t("In company currency"),
            number: true,
            optional: true,
            show: (store) => store.foreign,
        },
        {
            name: "costs",
            label: _t("Late costs"),
            number: true,
            optional: true,
            show: (store) => store.rows.some((row) => row.penalty || row.recovery),
        },
        {name: "status", label: _t("Status")},
        {name: "promise", label: _t("Promised"), optional: true, show: true},
        {name: "comment", label: _t("Comment"), optional: true, show: true},
        {name: "resolver", label: _t("Resolver"), optional: true, show: false},
        {
            name: "account",
            label: _t("Account"),
            optional: true,
            show: (store) => store.several,
        },
    ];
}

/** One item. Reads only its own state, so that a tick draws this row alone. */
export class StatementRow extends Component {
    static template = "dso_collection.StatementRow";
    static props = {
        row: Object,
        columns: Array,
        card: Boolean,
        first: Boolean,
        rowindex: Number,
        onDetails: Function,
        onOpen: Function,
        onQualify: {type: Function, optional: true},
    };

    setup() {
        this.state = useState(this.props.row.state);
    }

    get statusClass() {
        return STATUS_CLASS[this.props.row.status_type] || "text-bg-secondary";
    }

    get promiseClass() {
        return {
            broken: "text-bg-danger",
            partly: "text-bg-warning",
            kept: "text-bg-success",
        }[this.props.row.promise_state];
    }

    get late() {
        return this.props.row.days_late > 0;
    }

    get flags() {
        const row = this.props.row;
        return [
            row.ignored && _t("Ignored"),
            row.blocked && _t("Excluded in Odoo"),
            row.under_way && _t("Payment under way"),
        ].filter(Boolean);
    }

    get dimmed() {
        return this.props.row.group === "ignored";
    }
}

/** What is ticked, and what can be done with it. */
export class StatementBar extends Component {
    static template = "dso_collection.StatementBar";
    static components = {Dropdown, DropdownItem};
    static props = {store: Object, run: Function, print: Function};

    setup() {
        this.sum = useState(this.props.store.sum);
    }

    // A tick changes texts and attributes only: where a class changes, or an element
    // comes and goes, a rule of Odoo's editor stylesheet makes the browser work out the
    // styles of the whole page again.

    get words() {
        const {count, company} = this.sum;
        return count
            ? _t("%(count)s ticked: %(amount)s", {count, amount: company})
            : _t("Nothing ticked");
    }

    get hiddenWords() {
        return _t("%s of them not shown by the filter", this.sum.hidden);
    }

    get buttons() {
        const {can, quick_promise: promise} = this.props.store.labels;
        const none = !this.sum.count && _t("Tick items in the statement first.");
        const resolver =
            !can.qualify &&
            _t("Your role does not let you qualify items: ask for Resolver.");
        const collector =
            !can.collect &&
            _t("Your role does not let you plan actions: ask for Collector.");
        return [
            {
                name: "qualify",
                label: _t("Change status"),
                icon: "fa-tag",
                primary: true,
                hint: resolver || none,
            },
            {
                name: "promise",
                label: _t("Promise"),
                icon: "fa-handshake-o",
                hint: resolver || (promise && promise.hint) || none,
                title: promise && promise.title,
            },
            {
                name: "action",
                label: _t("New action"),
                icon: "fa-plus",
                hint: collector || none,
            },
            {
                name: "plan",
                label: _t("Payment plan"),
                icon: "fa-calendar",
                hint: resolver || none,
            },
            {
                name: "ignore",
                label: _t("Ignore"),
                icon: "fa-eye-slash",
                hint: collector || none,
                title: _t("Leave out of collection, or take in again"),
            },
            {
                name: "attach",
                label: _t("Attach"),
                icon: "fa-paperclip",
                hint: resolver || none,
            },
            ...(this.props.store.rows.some((row) => row.penalty || row.recovery)
                ? [
                      {
                          name: "late",
                          label: _t("Late costs"),
                          icon: "fa-hourglass-end",
                          hint: collector || none,
                          title: _t("Invoice or waive penalties and recovery costs"),
                      },
                  ]
                : []),
        ];
    }
}

/** The open items of an account: sorted, grouped, filtered, ticked. */
export class Statement extends Component {
    static template = "dso_collection.Statement";
    static components = {
        Dropdown,
        DropdownItem,
        CheckboxItem,
        StatementRow,
        StatementBar,
    };
    static props = {...standardFieldProps};

    setup() {
        this.store = statementStore(toRaw(this.props.record.model));
        this.view = useState(this.store.view);
        this.ui = useState(useService("ui"));
        this.orm = useService("orm");
        this.action = useService("action");
        this.details = usePopover(ItemDetails, {
            position: "bottom",
            popoverClass: "o_dso_details_popover",
        });
        this.table = useRef("table");
        this.chosen = useState(this.storedColumns());
        this.search = useDebounced((text) => this.store.setText(text), 120);
        onWillRender(() => this.loadIfNew());
        this.openDetails = this.openDetails.bind(this);
        this.openItem = this.openItem.bind(this);
        this.qualifyOne = this.qualifyOne.bind(this);
        this.run = this.run.bind(this);
        this.print = this.print.bind(this);
    }

    loadIfNew() {
        const value = toRaw(this.props.record.data[this.props.name]);
        if (value !== this.store.loaded) {
            this.store.loaded = value;
            this.store.load(value);
        }
    }

    // Columns -----------------------------------------------------------------------

    storedColumns() {
        try {
            return JSON.parse(browser.localStorage.getItem(STORAGE)) || {};
        } catch {
            return {};
        }
    }

    isShown(column) {
        if (!column.optional) {
            return true;
        }
        if (column.name in this.chosen) {
            return this.chosen[column.name];
        }
        return typeof column.show === "function"
            ? column.show(this.store)
            : column.show;
    }

    get allColumns() {
        this.columnList = this.columnList || allColumns();
        return this.columnList;
    }

    toggleColumn(column) {
        this.chosen[column.name] = !this.isShown(column);
        browser.localStorage.setItem(STORAGE, JSON.stringify(this.chosen));
    }

    // What the template shows -------------------------------------------------------

    get columns() {
        return this.allColumns.filter((column) => this.isShown(column));
    }

    get groupings() {
        return [
            ["none", _t("No groups")],
            ["heading", _t("Heading")],
            ["type", _t("Type")],
            ["status", _t("Status")],
            ["month", _t("Due month")],
            ...(this.store.several ? [["account", _t("Account")]] : []),
        ];
    }

    get grouping() {
        const {groupBy} = this.view;
        return groupBy === "none"
            ? _t("Group")
            : this.groupings.find(([key]) => key === groupBy)?.[1];
    }

    get chips() {
        const counts = this.store.counts();
        return [
            ["overdue", _t("Overdue")],
            ["unqualified", _t("Overdue without status")],
            ["disputed", _t("Disputed")],
            ["promised", _t("Promised")],
            ["not_due", _t("Not due")],
            ["credits", _t("Credits")],
        ]
            .map(([key, label]) => ({key, label, count: counts[key]}))
            .filter((chip) => chip.count || this.view.quick === chip.key);
    }

    /** Sections cut to the number of rows that are drawn. */
    get sections() {
        let left = this.view.limit;
        this.more = 0;
        let index = 1;
        return this.store.sections().map((section) => {
            const folded = Boolean(section.label && this.view.folded[section.key]);
            const rows = folded ? [] : section.rows.slice(0, left);
            this.more += folded ? 0 : section.rows.length - rows.length;
            left -= rows.length;
            const start = index;
            index += rows.length;
            return {...section, folded, drawn: rows, start, all: section.rows};
        });
    }

    showMore() {
        this.view.limit += PAGE;
    }

    fold(section) {
        this.view.folded[section.key] = !section.folded;
    }

    // Mouse and keyboard ------------------------------------------------------------

    rowOf(target) {
        const element = target.closest("[data-line]");
        return element && this.store.byId.get(Number(element.dataset.line));
    }

    onClick(ev) {
        if (ev.target.closest("a, button, .o_dso_no_tick") || String(getSelection())) {
            return;
        }
        const row = this.rowOf(ev.target);
        if (row) {
            this.store.tick(row, ev.shiftKey);
        }
    }

    onMouseDown(ev) {
        if (ev.shiftKey && this.rowOf(ev.target)) {
            ev.preventDefault(); // no text selection over the range
        }
    }

    onFocusIn(ev) {
        const row = this.rowOf(ev.target);
        if (row && row.line_id !== this.store.active) {
            this.store.activate(row);
        }
    }

    onKeydown(ev) {
        const inside = ev.target.closest("a, button, input, select, textarea");
        const control = ev.ctrlKey || ev.metaKey;
        const handlers = {
            ArrowDown: () => this.moveTo(this.store.move(1, ev.shiftKey)),
            ArrowUp: () => this.moveTo(this.store.move(-1, ev.shiftKey)),
            Home: () => this.moveTo(this.store.move(-Infinity, ev.shiftKey)),
            End: () => this.moveTo(this.store.move(Infinity, ev.shiftKey)),
            Escape: () => this.store.sum.count && this.store.clear(),
        };
        if (!inside) {
            handlers[" "] = () => {
                const row = this.rowOf(ev.target);
                if (row) {
                    this.store.tick(row, ev.shiftKey);
                }
            };
            handlers.Enter = () => {
                const row = this.rowOf(ev.target);
                if (row) {
                    this.openDetails(ev.target, row);
                }
            };
        }
        if (control && ev.key.toLowerCase() === "a") {
            handlers[ev.key] = () => this.store.tickAll();
        } else if (control || ev.altKey) {
            return;
        }
        const handler = handlers[ev.key];
        if (handler && handler() !== 0) {
            ev.preventDefault();
            ev.stopPropagation();
        }
    }

    moveTo(row) {
        const element =
            row && this.table.el.querySelector(`[data-line="${row.line_id}"]`);
        if (element) {
            element.focus({preventScroll: true});
            element.scrollIntoView({block: "nearest"});
        }
    }

    tickSection(section) {
        const all = section.all.every((row) => row.state.ticked);
        this.store.set(section.all, !all);
        this.store.count();
    }

    tickShown() {
        const rows = this.store.filtered();
        this.store.tickAll(!rows.every((row) => row.state.ticked));
    }

    // Actions -----------------------------------------------------------------------

    async reload() {
        await this.props.record.model.root.load();
    }

    /** Context of windows that work on items. */
    context(ids) {
        return {
            active_model: "account.move.line",
            active_ids: ids,
            active_id: ids[0],
            dso_account_id: this.props.record.resId,
        };
    }

    async open(action, ids) {
        await this.action.doAction(action, {
            additionalContext: this.context(ids),
            onClose: async (info) => {
                if (!info?.special && !info?.dismiss) {
                    this.store.clear();
                }
                await this.reload();
            },
        });
    }

    async call(method, ids) {
        const result = await this.orm.call("account.move.line", method, [ids]);
        if (result && typeof result === "object") {
            await this.open(result, ids);
        } else {
            this.store.clear();
            await this.reload();
        }
    }

    async run(name, ids = this.store.tickedIds) {
        const verbs = {
            qualify: () => this.open("dso_collection.dso_qualify_action", ids),
            promise: () => this.call("action_dso_quick_promise", ids),
            action: () => this.open("dso_collection.dso_action_new_action", ids),
            plan: () => this.open("dso_collection.dso_payment_plan_action", ids),
            ignore: () => this.call("action_dso_toggle_ignored", ids),
            late: () => this.call("action_dso_invoice_late_costs", ids),
            attach: () => this.open("dso_collection.dso_attach_action", ids),
        };
        if (ids.length && (await this.props.record.model.root.save())) {
            await verbs[name]();
        }
    }

    async print(format) {
        const ids = this.store.tickedIds;
        await download({
            url: `/dso_collection/statement/${this.props.record.resId}/${format}`,
            data: ids.length ? {lines: ids.join(",")} : {},
        });
    }

    openDetails(target, row) {
        this.details.open(target, {
            row,
            onChanged: () => this.reload(),
        });
    }

    openItem(row) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "account.move",
            res_id: row.move_id,
            views: [[false, "form"]],
        });
    }

    qualifyOne(row) {
        return this.run("qualify", [row.line_id]);
    }
}

registry.category("fields").add("dso_statement", {
    component: Statement,
    supportedTypes: ["json"],
});
