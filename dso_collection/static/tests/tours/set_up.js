import {registry} from "@web/core/registry";

function configuration(xmlid) {
    return [
        {
            trigger:
                "body:not(:has(.modal)) .o_menu_sections button:contains(Configuration)",
            run: "click",
        },
        {
            trigger: `.dropdown-item[data-menu-xmlid="dso_collection.${xmlid}"]`,
            run: "click",
        },
    ];
}

function choose(field, text) {
    return [
        {trigger: `.o_field_widget[name=${field}] input`, run: `edit ${text}`},
        {
            trigger: `.o_field_widget[name=${field}] .o-autocomplete--dropdown-item:contains(${text}) a`,
            run: "click",
        },
    ];
}

function step(days, action) {
    return [
        {
            trigger: ".o_field_widget[name=step_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=step_ids] .o_selected_row .o_field_widget[name=days] input",
            run: `edit ${days}`,
        },
        ...choose("action_model_id", action),
    ];
}

const save = [
    {trigger: ".o_form_button_save", run: "click"},
    {
        trigger:
            ".o_form_view .o_form_saved, .o_form_status_indicator:not(:has(:visible))",
    },
];

// An administrator sets collection up: a scenario with its steps, a status with its
// follow-up, and sending after a look at what would leave.
registry.category("web_tour.tours").add("dso_set_up", {
    steps: () => [
        // A scenario
        ...configuration("menu_scenario"),
        {trigger: ".o_list_button_add, .o-kanban-button-new", run: "click"},
        {
            trigger:
                ".o_field_widget[name=name] input, .o_field_widget[name=name] textarea",
            run: "edit Large customers",
        },
        ...step(3, "E-mail"),
        ...step(10, "Phone"),
        ...save,
        {trigger: ".o_breadcrumb:contains(Large customers)"},
        // A status
        ...configuration("menu_status"),
        {trigger: ".o_list_button_add", run: "click"},
        {
            trigger:
                ".o_field_widget[name=name] input, .o_field_widget[name=name] textarea",
            run: "edit Waits for credit note",
        },
        {
            content: "Its type",
            trigger:
                ".o_field_widget[name=type] input, .o_field_widget[name=type] select",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains(/^Dispute$/)",
            run: "click",
        },
        {trigger: ".o_field_widget[name=delay] input", run: "edit 7"},
        ...save,
        {trigger: ".o_breadcrumb:contains(Waits for credit note)"},
        // Sending
        ...configuration("menu_go_live"),
        {
            content: "What would leave stands there before anything does",
            trigger: ".o_form_view .o_field_widget[name=overview]",
        },
        {trigger: "button[name=action_ask]", run: "click"},
        {trigger: ".modal button[name=action_switch_on]", run: "click"},
        {
            content: "It is on",
            trigger: "body:not(:has(.modal)) button[name=action_switch_off]",
        },
    ],
});
