import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const ICONS = {danger: "fa-exclamation", warning: "fa-bell", info: "fa-info"};
const LEVELS = Object.keys(ICONS).map((level) => [level, level]);

/** One coloured square for each alert: its level by icon and colour, its name by
 *  tooltip and to screen readers. */
export class AlertsField extends Component {
    static template = "dso_collection.AlertsField";
    static props = {...standardFieldProps};

    get alerts() {
        return this.props.record.data[this.props.name].records.map(({resId, data}) => ({
            id: resId,
            name: data.display_name,
            level: data.level,
            icon: ICONS[data.level],
        }));
    }
}

registry.category("fields").add("dso_alerts", {
    component: AlertsField,
    supportedTypes: ["many2many"],
    listViewWidth: 76,
    relatedFields: [
        {name: "display_name", type: "char"},
        {name: "level", type: "selection", selection: LEVELS},
    ],
});
