import {registry} from "@web/core/registry";

const ROW = ".o_list_view .o_data_row";

registry.category("web_tour.tours").add("dso_agenda", {
    steps: () => [
        {
            content: "The largest overdue amount comes first",
            trigger: `${ROW}:first:contains(Atelier Nord)`,
        },
        // Filters persist
        {trigger: ".o_searchview_dropdown_toggler", run: "click"},
        {trigger: ".o_filter_menu .o_menu_item:contains(Phone calls)", run: "click"},
        {trigger: ".o_searchview_facet:contains(Phone calls)"},
        {
            content: "Counters follow the filters",
            trigger: "[data-tab=manual] .o_dso_total:contains(4)",
        },
        {trigger: "[data-tab=manual] .o_dso_todo:contains(4)"},
        {trigger: "[data-tab=automatic]", run: "click"},
        {
            content: "The filter is there on the next tab",
            trigger:
                ".o_control_panel:has([data-tab=automatic].active) .o_searchview_facet:contains(Phone calls)",
        },
        {trigger: "[data-tab=manual]", run: "click"},
        {
            trigger:
                ".o_control_panel:has([data-tab=manual].active) .o_searchview_facet:contains(Phone calls)",
        },
        // The customer beside the list, by keyboard
        {trigger: ".o_dso_situation_toggle", run: "click"},
        {trigger: ".o_dso_situation .o_dso_customer:contains(Atelier Nord)"},
        {trigger: ".o_list_view .o_data_row.o_dso_current:contains(First call)"},
        {trigger: ".o_dso_situation button[title^=Next]", run: "click"},
        {trigger: ".o_list_view .o_data_row.o_dso_current:contains(Second call)"},
        {
            content: "K goes back",
            trigger: ".o_list_view",
            run: () =>
                window.dispatchEvent(
                    new KeyboardEvent("keydown", {key: "k", bubbles: true})
                ),
        },
        {trigger: ".o_list_view .o_data_row.o_dso_current:contains(First call)"},
        // keys wait for the customer that they are of
        {trigger: ".o_dso_situation[aria-busy=false]"},
        {
            content: "D asks what came out of it",
            trigger: ".o_list_view",
            run: () =>
                window.dispatchEvent(
                    new KeyboardEvent("keydown", {key: "d", bubbles: true})
                ),
        },
        {
            trigger: ".modal .o_field_widget[name=outcome] input",
            run: "edit Will pay on Friday",
        },
        {trigger: ".modal button[name=action_finish]", run: "click"},
        {
            content: "It is gone from the list, and the counter follows",
            trigger: "[data-tab=manual] .o_dso_total:contains(3)",
        },
        {
            content: "The list is read anew after the counter",
            trigger:
                ".o_list_view:not(:has(.o_data_row:contains(Atelier):contains(First call)))",
        },
        {trigger: "body:not(:has(.modal))"},
        // Many at once
        {
            trigger: `${ROW}:contains(Brasserie):contains(First call) .o_list_record_selector input`,
            run: "click",
        },
        {
            trigger: ".o_selection_container button:contains(Done)",
            run: "click",
        },
        {trigger: ".modal button[name=action_finish]", run: "click"},
        {trigger: "[data-tab=manual] .o_dso_total:contains(2)"},
        {trigger: "body:not(:has(.modal))"},
        {
            content: "Close the panel",
            trigger: ".o_dso_situation button[title^=Close]",
            run: "click",
        },
        {trigger: ".o_content:not(:has(.o_dso_situation))"},
    ],
});
