import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Star of what stands outside the scenario; nothing where there is none. */
export class StarField extends Component {
    static template = "dso_collection.StarField";
    static props = {...standardFieldProps};

    get title() {
        return _t("In a specific action: outside the scenario");
    }
}

registry.category("fields").add("dso_star", {
    component: StarField,
    supportedTypes: ["boolean"],
    listViewWidth: 24,
});
