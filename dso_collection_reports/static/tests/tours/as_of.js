import {registry} from "@web/core/registry";

const AS_OF = ".o_control_panel .o_dso_as_of";

function choose(preset) {
    return [
        {trigger: AS_OF, run: "click"},
        {
            trigger: `.o-dropdown--menu .o-dropdown-item:contains(${preset})`,
            run: "click",
        },
    ];
}

// The day of a report: what the ledger said then, in all views and what they open.
registry.category("web_tour.tours").add("dso_report_as_of", {
    steps: () => [
        {
            content: "Today",
            trigger: `${AS_OF}:contains(As of today)`,
        },
        {trigger: ".o_group_header:contains(Brasserie Lumière):contains(300.00)"},
        ...choose("End of last month"),
        {
            content: "What was open then",
            trigger: ".o_group_header:contains(Brasserie Lumière):contains(1,000.00)",
        },
        {trigger: `${AS_OF}:not(:contains(today))`},
        {trigger: AS_OF, run: "click"},
        {
            content: "Any day of the calendar, which stands at the day shown",
            trigger: ".o_datetime_picker .o_date_item_cell.o_selected",
        },
        {
            trigger:
                ".o_datetime_picker .o_date_item_cell:not(.o_out_of_range):has(:text(1))",
            run: "click",
        },
        {
            content: "Before the part payment",
            trigger: ".o_group_header:contains(Brasserie Lumière):contains(1,200.00)",
        },
        {
            content: "Other views are of the same day",
            trigger: ".o_switch_view.o_pivot",
            run: "click",
        },
        {trigger: `${AS_OF}:not(:contains(today))`},
        {
            content: "What a cell opens, too",
            trigger: ".o_pivot td.o_pivot_cell_value:contains(1,200.00)",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains(1,200.00)",
        },
        {trigger: ".o_back_button", run: "click"},
        {trigger: ".o_pivot td.o_pivot_cell_value:contains(1,200.00)"},
        ...choose("Today"),
        {
            content: "Today again",
            trigger: ".o_pivot td.o_pivot_cell_value:contains(300.00)",
        },
        {trigger: `${AS_OF}:contains(As of today)`},
    ],
});

// A trend ends on the day of the report.
registry.category("web_tour.tours").add("dso_report_trend_as_of", {
    steps: () => [
        {trigger: ".o_switch_view.o_pivot", run: "click"},
        {
            content: "Twelve months and today, which is last",
            trigger: ".o_pivot tbody tr:last-child:contains(300.00)",
        },
        ...choose("End of last month"),
        {trigger: ".o_pivot tbody tr:last-child:contains(1,000.00)"},
        {trigger: ".o_pivot:not(:contains(300.00))"},
        ...choose("Today"),
        {trigger: ".o_pivot tbody tr:last-child:contains(300.00)"},
    ],
});
