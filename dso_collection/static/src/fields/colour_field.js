import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {formatSelection} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const ICONS = {
    red: "fa-exclamation-circle",
    yellow: "fa-warning",
    blue: "fa-clock-o",
    white: "fa-circle-o",
    green: "fa-check",
};

/** Colour of an action in the agenda, with its icon and its word (rules.md §5). */
export class ColourField extends Component {
    static template = "dso_collection.ColourField";
    static props = {...standardFieldProps};

    get value() {
        return this.props.record.data[this.props.name];
    }

    get icon() {
        return ICONS[this.value];
    }

    get text() {
        const {selection} = this.props.record.fields[this.props.name];
        return formatSelection(this.value, {selection});
    }
}

registry.category("fields").add("dso_colour", {
    component: ColourField,
    supportedTypes: ["selection"],
});
