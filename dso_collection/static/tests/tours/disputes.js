import {registry} from "@web/core/registry";

// A dispute from what the customer says to its outcome, all on his record.
registry.category("web_tour.tours").add("dso_dispute", {
    steps: () => [
        {
            content: "Tick what he disputes",
            trigger: "tr.o_dso_row:contains(1,200.00) .o_dso_tick input",
            run: "click",
        },
        {trigger: "button[data-run=qualify]:enabled", run: "click"},
        {
            trigger: ".modal .o_field_widget[name=status_id] input",
            run: "edit Wrong",
        },
        {
            trigger:
                ".modal .o_field_widget[name=status_id] .o-autocomplete--dropdown-item:contains(Wrong price) a",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=comment] textarea",
            run: "edit wrong price",
        },
        {trigger: ".modal button[name=action_qualify]", run: "click"},
        {
            content: "It is marked, and starred",
            trigger:
                "body:not(:has(.modal)) tr.o_dso_row:contains(1,200.00):contains(Wrong price)",
        },
        {
            content: "The follow-up of the dispute stands on the record",
            trigger:
                ".o_field_widget[name=open_action_ids] tr:has(.o_dso_star) button[name=action_complete]",
            run: "click",
        },
        {
            content: "It asks how the dispute ended",
            trigger: ".modal .o_data_row:contains(1,200.00)",
        },
        {
            trigger:
                ".modal .o_field_widget[name=outcome] .o_radio_item:contains(Partly) input",
            run: "click",
        },
        {
            content: "Without a credit note it says what follows",
            trigger: ".modal .alert:contains(claimed again)",
        },
        {
            trigger: ".modal .o_field_widget[name=sentence] input",
            run: "edit We credit the discount; the rest is due.",
        },
        {trigger: ".modal button[name=action_close]", run: "click"},
        {
            content: "The item is in the scenario again",
            trigger: ".o_field_widget[name=open_action_ids] tr:contains(S2)",
        },
        {trigger: ".o_menu_sections button:contains(Items)", run: "click"},
        {
            trigger:
                '.dropdown-item[data-menu-xmlid="dso_collection.menu_disputes_resolved"]',
            run: "click",
        },
        {
            content: "Its outcome and its days are kept",
            trigger:
                ".o_list_view .o_data_row:contains(Brasserie):contains(Partly justified)",
        },
        {trigger: ".o_menu_sections button:contains(Items)", run: "click"},
        {
            trigger: '.dropdown-item[data-menu-xmlid="dso_collection.menu_disputes"]',
            run: "click",
        },
        {
            content: "Nothing is disputed any more",
            trigger: ".o_view_nocontent:contains(Nothing is disputed)",
        },
    ],
});
