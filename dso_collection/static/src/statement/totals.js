import {Component, onWillRender, toRaw, useState} from "@odoo/owl";
import {formatCurrency} from "@web/core/currency";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {statementStore} from "./statement_store";

/** Totals of the statement, each a button that filters it. */
export class StatementTotals extends Component {
    static template = "dso_collection.StatementTotals";
    static props = {...standardFieldProps};

    setup() {
        this.store = statementStore(toRaw(this.props.record.model));
        this.view = useState(this.store.view);
        onWillRender(() => {
            const value = toRaw(this.props.record.data[this.props.name]);
            if (value !== this.store.loaded) {
                this.store.loaded = value;
                this.store.load(value);
            }
        });
    }

    get totals() {
        const {totals, labels} = this.store;
        const money = (amount) =>
            formatCurrency(amount || 0, labels.company_currency_id);
        return [
            {key: false, label: _t("Open balance"), name: "total", bold: true},
            {key: "overdue", label: _t("Overdue"), name: "overdue", bold: true},
            {key: "not_due", label: _t("Not due"), name: "not_due"},
            {key: "credits", label: _t("Credits"), name: "credits"},
            {key: "disputed", label: _t("Disputed"), name: "disputed"},
            {key: "promised", label: _t("Promised"), name: "promised"},
        ].map((total) => ({
            ...total,
            amount: money(totals[total.name]),
            danger: total.name === "overdue" && totals.overdue > 0,
            active: total.key && this.view.quick === total.key,
        }));
    }

    /** Open balances per currency, where there is more than the company's. */
    get currencies() {
        const {totals, labels} = this.store;
        const own = labels.company_currency_id;
        const list = totals.currencies || [];
        return list.some((total) => total.currency_id !== own)
            ? list.map((total) => ({
                  id: total.currency_id,
                  total: formatCurrency(total.total, total.currency_id),
                  overdue: formatCurrency(total.overdue, total.currency_id),
              }))
            : [];
    }

    select(total) {
        if (total.key) {
            this.store.setQuick(total.key);
        } else {
            this.view.quick = false;
            this.store.setText("");
        }
    }
}

registry.category("fields").add("dso_statement_totals", {
    component: StatementTotals,
    supportedTypes: ["json"],
});
