import {patch} from "@web/core/utils/patch";
import {ControlPanel} from "@web/search/control_panel/control_panel";
import {AgendaTabs} from "./agenda_tabs";

ControlPanel.components = {...ControlPanel.components, AgendaTabs};

// Views whose action says so (context key `dso_agenda_tab`), of any type: lists and cards
// of several models, calendar, graph and pivot.
patch(ControlPanel.prototype, {
    get showsAgendaTabs() {
        return Boolean(
            this.env.searchModel?.globalContext?.dso_agenda_tab &&
                this.env.config.viewType !== "form" &&
                !this.env.inDialog
        );
    },
});
