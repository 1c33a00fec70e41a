import {registry} from "@web/core/registry";

const {DateTime} = luxon;

const CALL = ".modal:has(button[name=action_no_answer])";

function menu(xmlid) {
    return [
        {trigger: ".o_menu_sections button:contains(Agenda)", run: "click"},
        {
            trigger: `.dropdown-item[data-menu-xmlid="dso_collection.${xmlid}"]`,
            run: "click",
        },
    ];
}

// Nobody answers; then somebody does, and promises.
registry.category("web_tour.tours").add("dso_call", {
    steps: () => [
        {trigger: "button[name=action_call]:contains(Call)", run: "click"},
        {
            content: "What to say, to whom, what is owed",
            trigger: `${CALL} .o_field_widget[name=script]:contains(1,500.00)`,
        },
        {trigger: `${CALL} .o_field_widget[name=number_ids]:contains(555-0100)`},
        {
            content: "What is overdue is ticked",
            trigger: `${CALL} .o_field_widget[name=chosen_count]:contains(2)`,
        },
        {content: "By keyboard", trigger: CALL, run: "press alt+n"},
        {
            content: "The call comes back, its attempt is kept",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=open_action_ids] tr button[name=action_call]",
            run: "click",
        },
        {trigger: `${CALL} .alert:contains(Nobody answered on)`},
        {
            trigger: `${CALL} .o_field_widget[name=notes] textarea`,
            run: "edit Mrs Weber pays by card",
        },
        {
            content: "She spoke of the older invoice only",
            trigger: `${CALL} .o_field_widget[name=item_ids] .o_data_row:contains(300.00) td[name=selected] .o-checkbox`,
            run: "click",
        },
        {trigger: `${CALL} .o_field_widget[name=chosen_count]:contains(1)`},
        {trigger: `${CALL} button[name=action_promise]`, run: "click"},
        {
            content: "It leads into qualification, with what was said",
            trigger:
                ".modal .o_field_widget[name=comment] textarea:value(Mrs Weber pays by card)",
        },
        {trigger: ".modal .o_field_widget[name=chosen_total]:contains(1,200.00)"},
        {
            trigger: ".modal .o_field_widget[name=promise_date] input",
            run: `edit ${DateTime.now().plus({days: 4}).toFormat("MM/dd/yyyy")} && press Tab`,
        },
        {trigger: ".modal button[name=action_qualify]", run: "click"},
        {
            content: "The promise stands on the item",
            trigger:
                "body:not(:has(.modal)) tr.o_dso_row:contains(1,200.00):contains(By card)",
        },
    ],
});

// All letters that wait become one file.
registry.category("web_tour.tours").add("dso_letters_print", {
    steps: () => [
        ...menu("menu_letter"),
        {
            trigger: ".o_list_view .o_data_row:contains(Brasserie):contains(To print)",
        },
        {trigger: "button[name=action_print_all]", run: "click"},
        {
            content: "The file is being made",
            trigger: ".o_form_view .o_arrow_button_current:contains(Being made)",
        },
    ],
});

// The file is there, and goes to the post.
registry.category("web_tour.tours").add("dso_letters_post", {
    steps: () => [
        ...menu("menu_letter_batch"),
        {
            trigger: ".o_list_view .o_data_row:contains(To post) td[name=name]",
            run: "click",
        },
        {
            content: "Its letters stand in it, to be downloaded",
            trigger: ".o_form_view button[name=action_download]",
        },
        {trigger: ".o_form_view .o_data_row:contains(Brasserie)"},
        {trigger: ".o_form_view button[name=action_posted]", run: "click"},
        {trigger: ".modal-footer .btn-primary", run: "click"},
        {trigger: ".o_form_view .o_arrow_button_current:contains(Posted)"},
    ],
});

// A formal notice: the check list, point by point, then it leaves.
registry.category("web_tour.tours").add("dso_release", {
    steps: () => [
        {
            content: "It cannot be sent past the check list",
            trigger: ".o_form_view:not(:has(button[name=action_send]))",
        },
        {trigger: "button[name=action_release]", run: "click"},
        {
            content: "The facts stand beside each point",
            trigger: ".modal .o_data_row:contains(Lyon)",
        },
        {
            content: "Not all points are ticked",
            trigger: ".modal button[name=action_release_and_send]",
            run: "click",
        },
        {trigger: ".o_error_dialog:contains(Tick each point)"},
        {trigger: ".o_error_dialog .btn-primary", run: "click"},
        ...[1, 2, 3, 4, 5].flatMap((number) => [
            {
                trigger: `.modal .o_field_widget[name=point_ids] .o_data_row:nth-of-type(${number}) td[name=ticked] .o-checkbox`,
                run: "click",
            },
            {
                trigger: `.modal .o_field_widget[name=point_ids] .o_data_row:nth-of-type(${number}) td[name=ticked] input:checked`,
            },
        ]),
        {trigger: ".modal button[name=action_release_and_send]", run: "click"},
        {
            content: "It is done, and who released it is kept",
            trigger:
                "body:not(:has(.modal)) .o_form_view .o_arrow_button_current:contains(Done)",
        },
        {trigger: ".o_form_view:contains(Released)"},
    ],
});

// A text message: what would leave, how long it is, and it leaves.
registry.category("web_tour.tours").add("dso_text_message", {
    steps: () => [
        {trigger: ".o_notebook .nav-link:contains(Text)", run: "click"},
        {
            content: "As it would leave, and what it costs",
            trigger: ".o_field_widget[name=sms_text]:contains(Please pay)",
        },
        {
            trigger: ".o_field_widget[name=sms_length]:contains(one text message)",
        },
        {
            content: "To this number",
            trigger: ".o_field_widget[name=number]:contains(+32470123456)",
        },
        {trigger: "button[name=action_send]:contains(Send)", run: "click"},
        {trigger: ".o_form_view .o_arrow_button_current:contains(Done)"},
    ],
});
