import {registry} from "@web/core/registry";
import {formatPercentage} from "@web/views/fields/formatters";
import {
    PercentageField,
    percentageField,
} from "@web/views/fields/percentage/percentage_field";

/** A rate that there may not be is blank: 0 % says that all of it is missing. */
export function formatRate(value, options) {
    return typeof value === "number" ? formatPercentage(value, options) : "";
}
formatRate.extractOptions = formatPercentage.extractOptions;

export class RateField extends PercentageField {
    get formattedValue() {
        return formatRate(this.props.record.data[this.props.name], {
            digits: this.props.digits,
            field: this.props.record.fields[this.props.name],
        });
    }
}

// groups of lists and cells of pivots look for a formatter of the widget's name
registry.category("formatters").add("dso_percentage", formatRate);
registry
    .category("fields")
    .add("dso_percentage", {...percentageField, component: RateField});
