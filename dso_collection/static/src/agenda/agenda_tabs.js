import {Component, onMounted, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {RPCError} from "@web/core/network/rpc";
import {KeepLast} from "@web/core/utils/concurrency";
import {useBus, useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {remembered} from "./agenda_search_model";

/** Event on the bus of the web client: what the counters count has changed. */
export const CHANGED = "DSO-AGENDA-CHANGED";

const CHART = "dso_collection.dso_action_server_action_chart_";
/** Tabs of the agenda (rules.md §5). Another addon may add its own. */
export const TABS = [
    {
        key: "manual",
        name: _t("Manual"),
        action: "dso_collection.dso_action_server_action_manual",
    },
    {
        key: "automatic",
        name: _t("Automatic"),
        action: "dso_collection.dso_action_server_action_automatic",
    },
    {
        key: "history",
        name: _t("History"),
        action: "dso_collection.dso_action_action_history",
    },
    {
        key: "replies",
        name: _t("Replies & comments"),
        action: "dso_collection.dso_reply_action",
    },
    {key: "charts", name: _t("Charts"), action: `${CHART}todo`},
    {
        key: "alerts",
        name: _t("My alerts"),
        action: "dso_collection.dso_alert_server_action",
    },
];

/** Charts of the tab of that name. */
const CHARTS = [
    {key: "todo", name: _t("To do")},
    {key: "done", name: _t("Done")},
    {key: "forecast", name: _t("Forecast")},
];

/** Tabs of the agenda with their counters, the legend of its colours, and the way back
 *  to the first filters. */
export class AgendaTabs extends Component {
    static template = "dso_collection.AgendaTabs";
    static components = {Dropdown};
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.tabs = TABS;
        this.charts = CHARTS;
        this.state = useState({counts: {}});
        const countSoon = useDebounced(() => this.count(), 100);
        onMounted(() => this.count());
        useBus(this.env.searchModel, "update", countSoon);
        useBus(this.env.bus, CHANGED, countSoon);
    }

    get current() {
        return this.env.searchModel.globalContext.dso_agenda_tab;
    }

    get currentChart() {
        return this.env.searchModel.globalContext.dso_chart;
    }

    get mayReset() {
        return Boolean(this.env.searchModel.sharesFacets);
    }

    /** Counters follow the filters shown; where a tab has filters of its own, those of
     *  planned actions. */
    async count() {
        const domain = this.env.searchModel.plannedDomain || remembered().domain || [];
        try {
            const [counts, replies] = await this.keepLast.add(
                Promise.all([
                    this.orm.silent.call("dso.action", "agenda_counts", [domain]),
                    this.orm.silent.call("dso.reply", "waiting_counts", []),
                ])
            );
            const {all: total, mine: todo} = replies;
            this.state.counts = {...counts, replies: {total, todo, waits: true}};
        } catch (error) {
            // A filter that no longer can be read is told once, by the view itself.
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.state.counts = {};
        }
    }

    title(count) {
        if (count.waits) {
            return _t("%(total)s wait, %(todo)s of my customers", count);
        }
        return count.more
            ? _t("More than %(total)s planned; of the earliest, %(todo)s to do", count)
            : _t("%(total)s planned, %(todo)s to do", count);
    }

    open(tab) {
        if (tab.key !== this.current) {
            this.action.doAction(tab.action, {clearBreadcrumbs: true});
        }
    }

    openChart(chart) {
        this.action.doAction(`${CHART}${chart.key}`, {clearBreadcrumbs: true});
    }

    reset() {
        this.env.searchModel.resetFacets();
    }
}
