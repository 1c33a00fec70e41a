import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const {DateTime} = luxon;

registry.category("web_tour.tours").add("dso_first_hour", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: '.o_app[data-menu-xmlid="dso_collection.menu_root"]',
            run: "click",
        },
        {
            content: "The agenda is empty and leads to the first steps",
            trigger: '.o_view_nocontent a[type="action"]:contains(First steps)',
            run: "click",
        },
        // What collection sees
        {
            content: "Both invoices are seen",
            trigger:
                ".o_field_widget[name=overview] tr:contains(Invoices) td:contains(1,500.00)",
        },
        {
            content: "The opening entry is left out, and says so",
            trigger:
                ".o_field_widget[name=overview] tr:contains(Left out) td:contains(75.00)",
        },
        // Settings
        {
            trigger: ".o_field_widget[name=minimum_amount] input",
            run: "edit 50",
        },
        {
            trigger: ".o_field_widget[name=collector_id] input",
            run: "edit accountman",
        },
        {
            trigger:
                ".o_field_widget[name=collector_id] .o-autocomplete--dropdown-item:contains(accountman):not(:contains(Search)) a",
            run: "click",
        },
        {
            content: "The collector is chosen",
            trigger: ".o_field_widget[name=collector_id] input:value(accountman)",
        },
        // Opening balances
        {
            content: "Include its journal",
            trigger:
                ".o_field_widget[name=journal_ids] tr:contains(Opening balance) button[name=action_include]",
            run: "click",
        },
        {trigger: ".modal-footer .btn-primary", run: "click"},
        {
            content: "It is chased now",
            trigger:
                ".o_field_widget[name=journal_ids] tr:contains(Opening balance) button[name=action_exclude]",
        },
        {
            trigger:
                ".o_field_widget[name=overview] tr:contains(Invoices) td:contains(1,575.00)",
        },
        // First evaluation
        {trigger: "button[name=action_evaluate]", run: "click"},
        {
            content: "The agenda is filled",
            trigger: ".o_data_row:contains(Brasserie):contains(S2)",
        },
        {
            content: "Open the customer",
            trigger: ".o_data_row:contains(Brasserie) button[name=action_open_account]",
            run: "click",
        },
        // Done
        {
            content: "Do the first step",
            trigger:
                ".o_field_widget[name=open_action_ids] tr:contains(S2) button[name=action_done]",
            run: "click",
        },
        // Re-date
        {
            content: "The next one is proposed; move it",
            trigger:
                ".o_field_widget[name=open_action_ids] tr:contains(S3) button .fa-calendar",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=date] button",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=date] input",
            run: `edit ${DateTime.now().plus({days: 5}).toFormat("MM/dd/yyyy")} && press Enter`,
        },
        {trigger: ".modal button[name=action_reschedule]", run: "click"},
        {
            trigger:
                ".o_field_widget[name=open_action_ids] tr:contains(S3):contains(In 5 days)",
        },
        // Skip
        {
            trigger:
                ".o_field_widget[name=open_action_ids] tr:contains(S3) button[name=action_skip]",
            run: "click",
        },
        {
            content: "The step after it is proposed",
            trigger: ".o_field_widget[name=open_action_ids] tr:contains(S4)",
        },
        // Qualify
        {
            trigger: ".o_form_statusbar button:contains(Qualify)",
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
        {
            content: "The status says what follows",
            trigger:
                ".modal .o_field_widget[name=follow_up_text]:contains(leave the scenario)",
        },
        {
            content: "Tick the oldest invoice",
            trigger:
                ".modal .o_data_row:contains(1,200.00) td[name=selected] .o-checkbox",
            run: "click",
        },
        {trigger: ".modal .o_field_widget[name=chosen_total]:contains(1,200.00)"},
        {trigger: ".modal button[name=action_qualify]", run: "click"},
        {
            content: "Its star and status stand in the statement",
            trigger: ".o_dso_statement tr:has(.o_dso_star):contains(Wrong price)",
        },
        {
            content: "The follow-up has its star, too",
            trigger: ".o_field_widget[name=open_action_ids] tr:has(.o_dso_star)",
        },
        // Back in the agenda
        {trigger: ".o_menu_sections button:contains(Agenda)", run: "click"},
        {
            trigger: '.dropdown-item[data-menu-xmlid="dso_collection.menu_agenda_all"]',
            run: "click",
        },
        {trigger: ".o_list_view .o_data_row:has(.o_dso_star):contains(Brasserie)"},
    ],
});
