import {registry} from "@web/core/registry";
import {queryOne} from "@odoo/hoot-dom";

registry.category("web_tour.tours").add("dso_record", {
    steps: () => [
        {
            content: "Both invoices stand in the statement",
            trigger: ".o_dso_statement:has(.o_dso_row:contains(1,200.00))",
        },
        {
            content: "Nothing ticked: the buttons sleep",
            trigger: "[data-run=qualify]:disabled",
        },
        {
            content: "Show what is overdue",
            trigger: "[data-total=overdue]",
            run: "click",
        },
        {
            content: "What is not due is hidden",
            trigger: ".o_dso_statement:not(:has(.o_dso_row:contains(300.00)))",
        },
        {trigger: "[data-total=total]", run: "click"},
        {
            content: "Tick with the keyboard",
            trigger: ".o_dso_row:contains(1,200.00)",
            run: () => queryOne(".o_dso_row:contains(1,200.00)").focus(),
        },
        {trigger: ".o_dso_row:contains(1,200.00)", run: "press Space"},
        {
            trigger: ".o_dso_sum:contains(1 ticked):contains(1,200.00)",
        },
        // Ignore, and take in again
        {trigger: "[data-run=ignore]", run: "click"},
        {
            content: "The item says that it is left out",
            trigger: ".o_dso_row:contains(1,200.00) .badge:contains(Ignored)",
        },
        {
            content: "The ticks are gone",
            trigger: ".o_dso_sum[data-count='0']",
        },
        {
            trigger: ".o_dso_row:contains(1,200.00) [data-column=due]",
            run: "click",
        },
        {trigger: "[data-run=ignore]:enabled", run: "click"},
        {
            trigger:
                ".o_dso_row:contains(1,200.00):not(:has(.badge:contains(Ignored)))",
        },
        // The comment of a qualified item
        {
            trigger: ".o_dso_row:contains(300.00) .o_dso_comment",
            run: "click",
        },
        {
            content: "What was said of it",
            trigger: ".o_dso_details:contains(Wants a copy):contains(On Going)",
        },
        // History
        {trigger: "a[name=history]", run: "click"},
        {
            trigger: ".o_dso_entry[data-kind=qualification]:contains(Wants a copy)",
        },
        {trigger: ".o_dso_history [data-kind=reply]", run: "click"},
        {trigger: ".o_dso_history:contains(Nothing matches)"},
        {trigger: ".o_dso_history button[data-kind=qualification]", run: "click"},
        {trigger: ".o_dso_entry .o_dso_undo", run: "click"},
        {
            content: "Taken back by a new row",
            trigger: ".o_dso_entry:contains(undone)",
        },
    ],
});
