import {Component, onWillStart, useState} from "@odoo/owl";
import {
    deserializeDate,
    deserializeDateTime,
    formatDate,
    formatDateTime,
} from "@web/core/l10n/dates";
import {useService} from "@web/core/utils/hooks";

/** Everything that was said of an item, and its files. */
export class ItemDetails extends Component {
    static template = "dso_collection.ItemDetails";
    static props = {
        row: Object,
        onChanged: Function,
        close: {type: Function, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({history: [], files: []});
        onWillStart(() => this.load());
    }

    async load() {
        const {history, files} = await this.orm.call(
            "account.move.line",
            "get_dso_details",
            [[this.props.row.line_id]]
        );
        this.state.history = history.map((entry) => ({
            ...entry,
            date: formatDate(deserializeDateTime(entry.date)),
            time: formatDateTime(deserializeDateTime(entry.date)),
            promise: entry.promise_date
                ? formatDate(deserializeDate(entry.promise_date))
                : "",
        }));
        this.state.files = files;
    }

    async share(file, shared) {
        const method = shared ? "action_dso_share" : "action_dso_unshare";
        await this.orm.call("ir.attachment", method, [[file.id]]);
        await this.load();
        this.props.onChanged();
    }

    async remove(file) {
        await this.orm.call("ir.attachment", "action_dso_remove", [[file.id]]);
        await this.load();
        this.props.onChanged();
    }
}
