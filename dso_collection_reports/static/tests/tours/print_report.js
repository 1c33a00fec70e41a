import {registry} from "@web/core/registry";

const PRINT = [
    {trigger: ".o_control_panel .o_cp_action_menus button", run: "click"},
    {trigger: ".o-dropdown--menu .o_dso_print_report", run: "click"},
];

// From the screen to paper: filters and day go along.
registry.category("web_tour.tours").add("dso_report_print", {
    steps: () => [
        {
            trigger:
                ".o_group_header:contains(Brasserie Lumière), .o_pivot, .o_list_view",
        },
        ...PRINT,
        {
            content: "The window tells what is printed",
            trigger: ".modal .o_field_widget[name=words_shown]:contains(Overdue)",
        },
        {trigger: ".modal button[name=action_make]", run: "click"},
        {
            content: "It is downloaded; the window has gone",
            trigger: "body:not(:has(.modal)) .o_control_panel",
        },
    ],
});

// A trend is printed as a trend.
registry.category("web_tour.tours").add("dso_report_print_trend", {
    steps: () => [
        {trigger: ".o_graph_view .o_graph_canvas_container canvas"},
        ...PRINT,
        {
            trigger: ".modal .o_field_widget[name=words_shown]:not(:contains(Trend))",
        },
        {trigger: ".modal button[name=action_make]", run: "click"},
        {trigger: "body:not(:has(.modal)) .o_control_panel"},
    ],
});

// The same, every Monday.
registry.category("web_tour.tours").add("dso_report_schedule", {
    steps: () => [
        ...PRINT,
        {trigger: ".modal button[name=action_schedule]", run: "click"},
        {
            trigger: ".o_form_view .o_field_widget[name=name] :is(input, textarea)",
            run: "edit Monday's overdue",
        },
        {
            content: "It is the report of the screen, with its filters",
            trigger: ".o_form_view .o_field_widget[name=words_shown]:contains(Overdue)",
        },
        {trigger: ".o_form_button_save", run: "click"},
        {trigger: ".o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))"},
        {trigger: "button[name=action_send_now]", run: "click"},
        {trigger: ".o_notification:contains(being written for 1 recipients)"},
    ],
});
