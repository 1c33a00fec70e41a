import {Component} from "@odoo/owl";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {registry} from "@web/core/registry";
import {session} from "@web/session";
import {useService} from "@web/core/utils/hooks";

/**
 * Takes a report away as its screen shows it: filters, groups and day go along.
 */
export class PrintReport extends Component {
    static template = "dso_collection_reports.PrintReport";
    static components = {DropdownItem};
    static props = {};

    setup() {
        this.action = useService("action");
    }

    /** Filters as the search bar words them; groups and trends are no filters. */
    get words() {
        return this.env.searchModel.facets
            .filter((facet) => facet.type !== "groupBy" && facet.domain !== "[]")
            .map((facet) =>
                [facet.title, facet.values.join(` ${facet.separator || ","} `)]
                    .filter(Boolean)
                    .join(": ")
            );
    }

    async onSelected() {
        const {searchModel} = this.env;
        await this.action.doAction("dso_collection_reports.dso_report_make_action", {
            additionalContext: {
                default_report: session.dso_reports[searchModel.resModel].key,
                default_domain: searchModel.domain,
                default_group_by: searchModel.groupBy,
                default_words: this.words,
                default_as_of: searchModel.context.dso_as_of || false,
                default_trend: searchModel.context.dso_trend || false,
            },
        });
    }
}

registry.category("cogMenu").add(
    "dso-print-report",
    {
        Component: PrintReport,
        groupNumber: 20,
        isDisplayed: ({searchModel, config}) => {
            const report = session.dso_reports?.[searchModel?.resModel];
            // most tables are of one day
            return Boolean(
                report &&
                    (report.trend || !searchModel.context.dso_trend) &&
                    config.viewType !== "form"
            );
        },
    },
    {sequence: 5}
);
