import {registry} from "@web/core/registry";

const {DateTime} = luxon;

const CALL = ".modal:has(button[name=action_no_answer])";
const NO_MODAL = "body:not(:has(.modal))";

function tab(key) {
    return {trigger: `${NO_MODAL} .o_dso_agenda_tabs [data-tab=${key}]`, run: "click"};
}

/** One of the calls of the list, and what came out of it. */
function call(customer, outcome, left) {
    return [
        {
            trigger: `${NO_MODAL} .o_data_row:contains(${customer}) button[name=action_call]`,
            run: "click",
        },
        {trigger: `${CALL} button[name=${outcome}]`, run: "click"},
        {
            content: `${left} are left to call today`,
            trigger: `${NO_MODAL} .o_dso_agenda_tabs [data-tab=manual] .o_dso_todo:contains(/^${left}/)`,
        },
    ];
}

// A collector's morning: fifty messages confirmed at once, five calls, a reply
// qualified, the history exported.
registry.category("web_tour.tours").add("dso_morning", {
    steps: () => [
        {
            content: "The agenda opens on his own actions",
            trigger: ".o_searchview_facet:contains(My actions)",
        },
        // Automatic: all of a filter
        tab("automatic"),
        {
            content: "What waits for him is counted",
            trigger:
                ".o_dso_agenda_tabs [data-tab=automatic].active .o_dso_todo:contains(/^50/)",
        },
        {trigger: ".o_searchview_dropdown_toggler", run: "click"},
        {
            trigger: ".o_filter_menu .dropdown-item:contains(To confirm)",
            run: "click",
        },
        {
            content: "The list shows them alone",
            trigger: ".o_pager_counter:contains(/ 50)",
        },
        {trigger: "thead .o_list_record_selector input", run: "click"},
        {trigger: ".o_selection_box:contains(50)"},
        {
            trigger: ".o_control_panel button[name=action_confirm_many]",
            run: "click",
        },
        {
            content: "Nothing is left to confirm",
            trigger: ".o_view_nocontent, .o_list_view:not(:has(.o_data_row))",
        },
        {
            content: "Nothing red is left on the tab",
            trigger: ".o_dso_agenda_tabs [data-tab=automatic]:not(:has(.o_dso_todo))",
        },
        {
            content: "The filter is taken off, on each tab",
            trigger: ".o_searchview_facet:contains(To confirm) .o_facet_remove",
            run: "click",
        },
        // Manual: calls
        tab("manual"),
        {trigger: ".o_dso_agenda_tabs [data-tab=manual].active"},
        ...call("Callee 1", "action_no_answer", 4),
        ...call("Callee 2", "action_no_answer", 3),
        ...call("Callee 3", "action_no_answer", 2),
        ...call("Callee 4", "action_reached", 1),
        {
            trigger: `${NO_MODAL} .o_data_row:contains(Callee 5) button[name=action_call]`,
            run: "click",
        },
        {trigger: `${CALL} button[name=action_promise]`, run: "click"},
        {
            trigger: ".modal .o_field_widget[name=promise_date] input",
            run: `edit ${DateTime.now().plus({days: 4}).toFormat("MM/dd/yyyy")} && press Tab`,
        },
        {trigger: ".modal button[name=action_qualify]", run: "click"},
        // Replies
        tab("replies"),
        {
            trigger: `${NO_MODAL} .o_data_row:contains(The price is wrong) button[name=action_qualify]`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=status_id] input",
            run: "edit Wrong",
        },
        {
            trigger:
                ".modal .o_field_widget[name=status_id] .o-autocomplete--dropdown-item:contains(Wrong price) a",
            run: "click",
        },
        {trigger: ".modal .o_data_row td[name=selected] .o-checkbox", run: "click"},
        {trigger: ".modal .o_field_widget[name=chosen_count]:contains(1)"},
        {trigger: ".modal button[name=action_qualify]", run: "click"},
        {
            content: "It waits no more",
            trigger: `${NO_MODAL} .o_dso_agenda_tabs [data-tab=replies].active:not(:has(.o_dso_todo))`,
        },
        // History
        tab("history"),
        {
            content: "What he did stands there",
            trigger: ".o_list_view .o_data_row:contains(Callee 4)",
        },
        {trigger: "button[name=action_export_history]", run: "click"},
        {
            content: "The list is still there, the file is downloaded",
            trigger: ".o_list_view .o_data_row:contains(Callee 4)",
        },
    ],
});
