import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {usePopover} from "@web/core/popover/popover_hook";
import {useDebounced} from "@web/core/utils/timing";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** So many milliseconds somebody rests on a number before its parts are fetched. */
const REST = 250;

/** The parts of a priority, a line each. */
export class PriorityParts extends Component {
    static template = "dso_collection.PriorityParts";
    static props = {close: Function, parts: Array, value: Number};
}

/** Place in the worklist, 0 to 100, with its parts on hover, fetched when somebody rests
 *  on it: those of eighty customers cost a list a quarter of its time. The customer
 *  beside the list tells them, too. */
export class PriorityField extends Component {
    static template = "dso_collection.PriorityField";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.popover = usePopover(PriorityParts, {
            animation: false,
            arrow: true,
            position: "right",
        });
        this.restSoon = useDebounced((target) => this.show(target), REST);
    }

    get value() {
        return this.props.record.data[this.props.name] || 0;
    }

    onEnter(ev) {
        this.target = ev.currentTarget;
        this.restSoon(this.target);
    }

    onLeave() {
        this.target = null;
        this.restSoon.cancel();
        this.popover.close();
    }

    async show(target) {
        const {resModel, resId} = this.props.record;
        const [row] = await this.orm.silent.read(resModel, [resId], ["priority_words"]);
        // gone on meanwhile
        if (row?.priority_words && this.target === target) {
            this.popover.open(target, {
                parts: row.priority_words.split(" · "),
                value: this.value,
            });
        }
    }
}

registry.category("fields").add("dso_priority", {
    component: PriorityField,
    supportedTypes: ["integer"],
    listViewWidth: 62,
});
