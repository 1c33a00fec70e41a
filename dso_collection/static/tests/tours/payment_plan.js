import {registry} from "@web/core/registry";

// From the ticked items of the statement to a plan and its follow-up.
registry.category("web_tour.tours").add("dso_payment_plan", {
    steps: () => [
        {
            content: "Tick the invoice",
            trigger: "tr.o_dso_row:contains(1,200.00) .o_dso_tick input",
            run: "click",
        },
        {trigger: "button[data-run=plan]:enabled", run: "click"},
        {
            content: "Three equal parts are proposed",
            trigger:
                ".modal .o_field_widget[name=instalment_ids] .o_data_row:contains(400.00):nth-of-type(3)",
        },
        {
            trigger: ".modal .o_field_widget[name=count] input",
            run: "edit 4 && press Tab",
        },
        {
            content: "Now four",
            trigger:
                ".modal .o_field_widget[name=instalment_ids] .o_data_row:contains(300.00):nth-of-type(4)",
        },
        {trigger: ".modal button[name=action_make]", run: "click"},
        {
            content: "One follow-up, with its star",
            trigger: ".o_field_widget[name=open_action_ids] tr:has(.o_dso_star)",
        },
        {trigger: ".o_menu_sections button:contains(Items)", run: "click"},
        {
            trigger:
                '.dropdown-item[data-menu-xmlid="dso_collection.menu_payment_plans"]',
            run: "click",
        },
        {
            trigger:
                ".o_list_view .o_data_row:contains(Brasserie):contains(Running) td[name=amount]",
            run: "click",
        },
        {
            content: "Four instalments",
            trigger:
                ".o_form_view .o_field_widget[name=promise_ids] .o_data_row:nth-of-type(4):contains(300.00)",
        },
    ],
});
