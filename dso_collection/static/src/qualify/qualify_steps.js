import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

export const STEPS = ["status", "email", "next"];

/**
 * Back and Next of a window in three steps: the step is a field of the record, so that
 * nothing is saved, and nothing typed is lost, on the way.
 */
export class QualifySteps extends Component {
    static template = "dso_collection.QualifySteps";
    static props = {...standardWidgetProps};

    get position() {
        return STEPS.indexOf(this.props.record.data.step);
    }

    get isFirst() {
        return this.position <= 0;
    }

    get isLast() {
        return this.position >= STEPS.length - 1;
    }

    async go(offset) {
        const {record} = this.props;
        // what is missing is said where it is asked for
        if (offset > 0 && !(await record.checkValidity({displayNotification: true}))) {
            return;
        }
        await record.update({step: STEPS[this.position + offset]});
    }
}

registry.category("view_widgets").add("dso_qualify_steps", {component: QualifySteps});
