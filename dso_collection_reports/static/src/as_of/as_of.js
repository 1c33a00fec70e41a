import {Component, onWillStart, useState} from "@odoo/owl";
import {DateTimePicker} from "@web/core/datetime/datetime_picker";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {useDropdownState} from "@web/core/dropdown/dropdown_hooks";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {deserializeDate, formatDate, serializeDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useBus, useService} from "@web/core/utils/hooks";
import {session} from "@web/session";
import {ControlPanel} from "@web/search/control_panel/control_panel";
import {listView} from "@web/views/list/list_view";
import {SearchModel} from "@web/search/search_model";

const {DateTime} = luxon;

/** Day of a report: a button that tells it, with a menu to choose another one. */
export class AsOf extends Component {
    static template = "dso_collection_reports.AsOf";
    static components = {DateTimePicker, Dropdown, DropdownItem};
    static props = {};

    setup() {
        this.searchModel = this.env.searchModel;
        this.state = useState({day: this.searchModel.asOf});
        this.dropdown = useDropdownState();
        useBus(this.searchModel, "update", () => {
            this.state.day = this.searchModel.asOf;
        });
    }

    get day() {
        return this.state.day ? deserializeDate(this.state.day) : false;
    }

    get label() {
        return this.day ? _t("As of %s", formatDate(this.day)) : _t("As of today");
    }

    get presets() {
        const today = DateTime.local().startOf("day");
        const before = (unit) => today.startOf(unit).minus({days: 1});
        return [
            {id: "today", name: _t("Today"), day: false},
            {id: "week", name: _t("End of last week"), day: before("week")},
            {id: "month", name: _t("End of last month"), day: before("month")},
            {id: "quarter", name: _t("End of last quarter"), day: before("quarter")},
            {id: "year", name: _t("End of last year"), day: before("year")},
        ];
    }

    choose(day) {
        this.dropdown.close();
        this.searchModel.setAsOf(day ? serializeDate(day) : false);
    }
}

/** What a report tells beside its figures, whatever they are filtered by. It is asked
 *  for without the screen waiting for it. */
export class Remarks extends Component {
    static template = "dso_collection_reports.Remarks";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.searchModel = this.env.searchModel;
        this.state = useState({remarks: []});
        onWillStart(() => void this.load());
        useBus(this.searchModel, "update", () => {
            if (this.day !== this.searchModel.asOf) {
                this.load();
            }
        });
    }

    async load() {
        const day = this.searchModel.asOf;
        this.day = day;
        const remarks = await this.orm.silent.call(
            this.searchModel.resModel,
            "report_remarks",
            [day]
        );
        if (this.day === day) {
            this.state.remarks = remarks;
        }
    }
}

/** The day stands in the context of the search, so that every view, what a cell opens,
 *  and exports have it. It is no part of a favourite: that would be out of date soon. */
const withDay = (Model) =>
    class extends Model {
        get asOf() {
            return this._asOf === undefined
                ? this.globalContext.dso_as_of || false
                : this._asOf;
        }

        setAsOf(day) {
            this._asOf = day;
            this._notify();
        }

        exportState() {
            return {...super.exportState(), dsoAsOf: this._asOf};
        }

        _importState(state) {
            super._importState(state);
            this._asOf = state.dsoAsOf;
        }

        _getContext() {
            const context = super._getContext();
            return this._asOf === undefined
                ? context
                : {...context, dso_as_of: this._asOf};
        }

        _getIrFilterDescription() {
            const result = super._getIrFilterDescription(...arguments);
            delete result.preFavorite.context.dso_as_of;
            delete result.irFilter.context.dso_as_of;
            return result;
        }
    };

export class AsOfControlPanel extends ControlPanel {
    static template = "dso_collection_reports.AsOfControlPanel";
    static components = {...ControlPanel.components, AsOf, Remarks};

    get hasRemarks() {
        const report = session.dso_reports?.[this.env.searchModel.resModel];
        return Boolean(report?.remarks && !this.env.inDialog);
    }
}

/** The view, with the day in its control panel, as `dso_as_of_…`. */
export function addAsOfView(view) {
    registry.category("views").add(`dso_as_of_${view.type}`, {
        ...view,
        ControlPanel: AsOfControlPanel,
        SearchModel: withDay(view.SearchModel || SearchModel),
    });
}

addAsOfView(listView);
