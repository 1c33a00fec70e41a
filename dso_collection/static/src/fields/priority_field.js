import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Place in the worklist, 0 to 100, with its parts on hover and for screen readers. */
export class PriorityField extends Component {
    static template = "dso_collection.PriorityField";
    static props = {...standardFieldProps};

    get value() {
        return this.props.record.data[this.props.name] || 0;
    }

    get parts() {
        return (this.props.record.data.priority_words || "").split(" · ");
    }

    get tooltipInfo() {
        return JSON.stringify({parts: this.parts, value: this.value});
    }
}

registry.category("fields").add("dso_priority", {
    component: PriorityField,
    supportedTypes: ["integer"],
    fieldDependencies: [{name: "priority_words", type: "char"}],
    listViewWidth: 62,
});
