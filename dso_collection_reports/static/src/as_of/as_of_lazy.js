import {GraphModel} from "@web/views/graph/graph_model";
import {graphView} from "@web/views/graph/graph_view";
import {pivotView} from "@web/views/pivot/pivot_view";
import {addAsOfView} from "./as_of";

/** In a trend each day has its place, also as bars, where nothing was open; a rate that
 *  there is not is a gap, not 0. */
class AsOfGraphModel extends GraphModel {
    async _loadDataPoints() {
        const [points, currencies] = await super._loadDataPoints(...arguments);
        if (this.searchParams.context.dso_trend) {
            for (const point of points) {
                point.count ||= 1; // bars of no rows are left out
                point.value = point.value === false ? null : point.value;
            }
        }
        return [points, currencies];
    }
}

addAsOfView({...graphView, Model: AsOfGraphModel});
addAsOfView(pivotView);
