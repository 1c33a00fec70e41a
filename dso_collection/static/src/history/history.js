import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {
    deserializeDate,
    deserializeDateTime,
    formatDate,
    formatDateTime,
} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {ICONS} from "../fields/action_type_field";

const PAGE = 30;

const SPECIFICATION = {
    date: {},
    kind: {},
    name: {},
    type: {},
    status_id: {fields: {display_name: {}}},
    status_type: {},
    promise_date: {},
    item_name: {},
    cause: {},
    text: {},
    user_id: {fields: {display_name: {}}},
    qualification_id: {fields: {display_name: {}}},
    can_undo: {},
    undone: {},
};

/** What happened with a customer, latest first; read only when its tab is opened. */
export class History extends Component {
    static template = "dso_collection.History";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.fields = useService("field");
        this.causes = {};
        this.state = useState({
            kind: "all",
            text: "",
            entries: [],
            count: 0,
            limit: PAGE,
        });
        this.search = useDebounced((text) => {
            this.state.text = text;
            this.state.limit = PAGE;
            return this.load();
        }, 250);
        onWillStart(async () => {
            const {cause} = await this.fields.loadFields("dso.history", {
                fieldNames: ["cause"],
                attributes: ["selection"],
            });
            this.causes = Object.fromEntries(cause.selection);
            await this.load();
        });
        onWillUpdateProps((next) => this.load(next));
    }

    get kinds() {
        return [
            ["all", _t("Everything")],
            ["done", _t("Actions done")],
            ["cancelled", _t("Actions cancelled")],
            ["qualification", _t("Qualifications")],
            ["reply", _t("Replies")],
        ];
    }

    async load(props = this.props) {
        const {kind, text, limit} = this.state;
        const domain = [["account_id", "=", props.record.resId]];
        if (kind !== "all") {
            domain.push(["kind", "=", kind]);
        }
        if (text.trim()) {
            const needle = text.trim();
            domain.push("|", "|");
            domain.push(["name", "ilike", needle]);
            domain.push(["item_name", "ilike", needle]);
            domain.push(["text", "ilike", needle]);
        }
        if (!props.record.resId) {
            return;
        }
        const {records, length} = await this.orm.webSearchRead("dso.history", domain, {
            specification: SPECIFICATION,
            limit,
        });
        this.state.count = length;
        this.state.entries = records.map((entry) => ({
            ...entry,
            date: formatDate(deserializeDateTime(entry.date)),
            time: formatDateTime(deserializeDateTime(entry.date)),
            cause: entry.cause ? this.causes[entry.cause] : "",
            promise: entry.promise_date
                ? formatDate(deserializeDate(entry.promise_date))
                : "",
            icon: this.icon(entry),
        }));
    }

    icon(entry) {
        return {
            cancelled: "fa-times",
            qualification: "fa-tag",
            reply: "fa-reply",
            done: ICONS[entry.type] || "fa-check",
        }[entry.kind];
    }

    label(kind) {
        return {
            done: _t("Done"),
            cancelled: _t("Cancelled"),
            qualification: _t("Qualified"),
            reply: _t("Reply"),
        }[kind];
    }

    choose(kind) {
        this.state.kind = kind;
        this.state.limit = PAGE;
        return this.load();
    }

    more() {
        this.state.limit += PAGE;
        return this.load();
    }

    async open(entry) {
        const action = await this.orm.call("dso.history", "action_open", [[entry.id]]);
        await this.action.doAction({...action, views: [[false, "form"]]});
    }

    openList() {
        return this.action.doAction("dso_collection.dso_history_action_account", {
            additionalContext: {active_id: this.props.record.resId},
        });
    }

    async undo(entry) {
        const result = await this.orm.call("dso.qualification", "action_undo", [
            [entry.qualification_id.id],
        ]);
        if (result && typeof result === "object") {
            await this.action.doAction(result);
        }
        await this.props.record.model.root.load();
        await this.load();
    }
}

registry.category("view_widgets").add("dso_history", {component: History});
