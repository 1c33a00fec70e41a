import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {formatSelection} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Icon of each channel; an unknown one (another addon's) gets a neutral icon. */
export const ICONS = {
    email: "fa-envelope-o",
    sms: "fa-commenting-o",
    letter: "fa-file-text-o",
    letter_ar: "fa-certificate",
    fax: "fa-fax",
    phone: "fa-phone",
    litigation: "fa-gavel",
    follow_up: "fa-comments-o",
};

/** Type of an action: its icon and its name, never the icon alone. */
export class ActionTypeField extends Component {
    static template = "dso_collection.ActionTypeField";
    static props = {...standardFieldProps};

    get value() {
        return this.props.record.data[this.props.name];
    }

    get icon() {
        return ICONS[this.value] || "fa-circle-o";
    }

    get text() {
        const {selection} = this.props.record.fields[this.props.name];
        return formatSelection(this.value, {selection});
    }
}

registry.category("fields").add("dso_action_type", {
    component: ActionTypeField,
    supportedTypes: ["selection"],
});
