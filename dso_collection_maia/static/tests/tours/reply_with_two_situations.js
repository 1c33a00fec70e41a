import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("dso_maia_two_situations", {
    steps: () => [
        {
            content: "What MAIA makes of the reply stands in the list",
            trigger: ".o_data_row:contains(The customer promises to pay)",
        },
        {
            content: "Open the reply",
            trigger: ".o_data_row .o_data_cell[name=maia_summary]",
            run: "click",
        },
        {
            content: "Two situations are proposed, with the words behind them",
            trigger: ".o_dso_maia:has(.o_kanban_record:contains(Promise in writing))",
        },
        {
            trigger:
                ".o_dso_maia .o_kanban_record:contains(dispute) .o_dso_maia_evidence",
        },
        {
            content: "Nothing is decided yet",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(To process)",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_qualify]",
            run: "click",
        },
        {
            content: "The first situation: the dispute, of one invoice",
            trigger: ".modal .o_field_widget[name=chosen_count]:contains(1)",
        },
        {
            trigger: ".modal-footer button:contains(Validate, next answer)",
            run: "click",
        },
        {
            content: "It is done; the second situation: the promise",
            trigger: ".modal .o_field_widget[name=done_text]:contains(1 qualified)",
        },
        {
            trigger:
                ".modal .o_field_widget[name=status_id] input:value(Promise in writing)",
        },
        {
            trigger: ".modal-footer button.btn-primary:contains(Validate and finish)",
            run: "click",
        },
        {
            content: "The reply is dealt with, both situations as proposed",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Validated)",
        },
        {
            trigger:
                ".o_dso_maia .o_kanban_record:contains(Confirmed) ~ .o_kanban_record:contains(Confirmed)",
        },
    ],
});
