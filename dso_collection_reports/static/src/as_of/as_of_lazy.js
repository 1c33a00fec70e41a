import {graphView} from "@web/views/graph/graph_view";
import {pivotView} from "@web/views/pivot/pivot_view";
import {addAsOfView} from "./as_of";

addAsOfView(graphView);
addAsOfView(pivotView);
