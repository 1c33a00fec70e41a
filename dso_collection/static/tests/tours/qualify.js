import {registry} from "@web/core/registry";

const {DateTime} = luxon;

// One reply, two answers: a dispute with an e-mail to its resolver, then a promise; the
// last one is taken back by one click.
registry.category("web_tour.tours").add("dso_qualify_steps", {
    steps: () => [
        {
            content: "Tick the older invoice",
            trigger: "tr.o_dso_row:contains(1,200.00) .o_dso_tick input",
            run: "click",
        },
        {trigger: "button[data-run=qualify]:enabled", run: "click"},
        // 1 Status
        {
            trigger: ".modal .o_field_widget[name=status_id] input",
            run: "edit Wrong",
        },
        {
            trigger:
                ".modal .o_field_widget[name=status_id] .o-autocomplete--dropdown-item:contains(Wrong price) a",
            run: "click",
        },
        {trigger: ".modal .o_field_widget[name=chosen_total]:contains(1,200.00)"},
        {
            trigger: ".modal .o_field_widget[name=resolver_id] input",
            run: "edit Sam Resolver",
        },
        {
            trigger:
                ".modal .o_field_widget[name=resolver_id] .o-autocomplete--dropdown-item:contains(Sam Resolver) a",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=comment] textarea",
            run: "edit Discount forgotten",
        },
        {content: "By keyboard", trigger: ".modal .o_dso_next", run: "press alt+n"},
        // 2 E-mail
        {
            content: "The colleague is proposed, with what was said",
            trigger:
                ".modal .o_field_widget[name=email_body]:contains(Discount forgotten)",
        },
        {trigger: ".modal .badge:contains(A colleague will read this)"},
        {trigger: ".modal .o_dso_next", run: "click"},
        // 3 Next reminder
        {
            content: "A dispute has no choice",
            trigger: ".modal .text-muted:contains(A dispute always has a follow-up)",
        },
        {trigger: ".modal .o_dso_back", run: "click"},
        {trigger: ".modal .o_dso_next", run: "click"},
        {trigger: ".modal button[name=action_validate]", run: "click"},
        // The other answer of the same reply
        {trigger: ".modal .alert:contains(1 qualified: Wrong price)"},
        {
            trigger:
                ".modal .o_data_row:contains(300.00) td[name=selected] .o-checkbox",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=status_id] input",
            run: "edit By card",
        },
        {
            trigger:
                ".modal .o_field_widget[name=status_id] .o-autocomplete--dropdown-item:contains(By card) a",
            run: "click",
        },
        {
            content: "The date is asked for before going on",
            trigger: ".modal .o_dso_next",
            run: "click",
        },
        {trigger: ".modal .o_field_invalid[name=promise_date]"},
        {
            trigger: ".modal .o_field_widget[name=promise_date] input",
            run: `edit ${DateTime.now().plus({days: 5}).toFormat("MM/dd/yyyy")} && press Enter`,
        },
        {trigger: ".modal button[name=action_qualify]", run: "click"},
        {trigger: "body:not(:has(.modal)) tr.o_dso_row:contains(By card)"},
        {
            content: "One click undoes it",
            trigger: ".o_notification:contains(1 qualified) button:contains(Undo)",
            run: "click",
        },
        {
            trigger:
                "body:not(:has(tr.o_dso_row:contains(By card))) tr.o_dso_row:contains(Wrong price)",
        },
    ],
});

// One click on ticked items.
registry.category("web_tour.tours").add("dso_quick_promise", {
    steps: () => [
        {
            trigger: "tr.o_dso_row:contains(1,200.00) .o_dso_tick input",
            run: "click",
        },
        {
            trigger: "tr.o_dso_row:contains(300.00) .o_dso_tick input",
            run: "click",
        },
        {trigger: "button[data-run=promise]:enabled", run: "click"},
        {trigger: ".o_notification:contains(2 qualified: Promise by phone)"},
        {trigger: "tr.o_dso_row:contains(1,200.00):contains(Promise by phone)"},
        {
            content: "One follow-up, with its star",
            trigger: ".o_field_widget[name=open_action_ids] tr:has(.o_dso_star)",
        },
    ],
});
