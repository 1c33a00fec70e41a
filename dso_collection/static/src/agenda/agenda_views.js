import {useEffect, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {calendarView} from "@web/views/calendar/calendar_view";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {KanbanRecord} from "@web/views/kanban/kanban_record";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {ListController} from "@web/views/list/list_controller";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";
import {AgendaSearchModel} from "./agenda_search_model";
import {Situation, countAgain, useSituation} from "./situation";

/** The panel beside the records; a record opens in it while it is shown. */
const withSituation = (Controller, template) =>
    class extends Controller {
        static template = template;
        static components = {...Controller.components, Situation};

        setup() {
            super.setup();
            this.situation = useSituation(() => this.model);
            let loaded = false;
            useEffect(
                () => {
                    if (loaded) {
                        countAgain(this.env);
                    }
                    loaded = true;
                },
                () => [this.model.root]
            );
        }

        async openRecord(record, options = {}) {
            if (this.situation.state.open && !options.force && !options.newWindow) {
                this.situation.show(record);
            } else {
                await super.openRecord(record, options);
            }
        }

        openCurrent() {
            return super.openRecord(this.situation.current());
        }

        async reloadRecords() {
            await this.model.load();
            this.situation.state.version++;
        }
    };

/** Class of the record that stands in the panel.
 *
 *  @param {Component} component its own state of the panel makes it render again
 *  @param {Object} record
 *  @returns {String} */
function currentClass(component, record) {
    const {open, id} = component.situation;
    const current = component.env.dsoSituation.currentOf(id);
    return open && current === record.resId ? " o_dso_current" : "";
}

export class AgendaListRenderer extends ListRenderer {
    setup() {
        super.setup();
        this.situation = useState(this.env.dsoSituation.state);
    }

    getRowClass(record) {
        return super.getRowClass(record) + currentClass(this, record);
    }
}

export class AgendaKanbanRecord extends KanbanRecord {
    setup() {
        super.setup();
        this.situation = useState(this.env.dsoSituation.state);
    }

    getRecordClasses() {
        return super.getRecordClasses() + currentClass(this, this.props.record);
    }
}

export class AgendaKanbanRenderer extends KanbanRenderer {
    static components = {
        ...KanbanRenderer.components,
        KanbanRecord: AgendaKanbanRecord,
    };
}

const views = registry.category("views");
views.add("dso_agenda_list", {
    ...listView,
    Controller: withSituation(ListController, "dso_collection.AgendaListView"),
    Renderer: AgendaListRenderer,
    SearchModel: AgendaSearchModel,
});
views.add("dso_agenda_kanban", {
    ...kanbanView,
    Controller: withSituation(KanbanController, "dso_collection.AgendaKanbanView"),
    Renderer: AgendaKanbanRenderer,
    SearchModel: AgendaSearchModel,
});
views.add("dso_agenda_calendar", {...calendarView, SearchModel: AgendaSearchModel});
