import {registry} from "@web/core/registry";

const NAME = ".o_form_view .o_field_widget[name=account_id]";
const key = (letter) => () =>
    (document.activeElement || document.body).dispatchEvent(
        new KeyboardEvent("keydown", {key: letter, bubbles: true})
    );

registry.category("web_tour.tours").add("dso_confirm_queue", {
    steps: () => [
        {
            content: "Three messages wait, the oldest first",
            trigger: ".o_list_view .o_data_row:nth-child(3)",
        },
        {trigger: ".o_data_row:first .o_data_cell[name=account_id]", run: "click"},
        {
            content: "The message as it would leave",
            trigger: ".o_form_view [name=message]:contains(Reminder)",
        },
        {trigger: `${NAME}:contains(Atelier)`, run: key("j")},
        {trigger: `${NAME}:contains(Brasserie)`, run: key("k")},
        {
            content: "C confirms and shows the next one",
            trigger: `${NAME}:contains(Atelier)`,
            run: key("c"),
        },
        {
            content: "S skips, after a question",
            trigger: `${NAME}:contains(Brasserie)`,
            run: key("s"),
        },
        {trigger: ".modal .modal-body:contains(Skip this step?)"},
        {trigger: ".modal .modal-footer .btn-primary", run: "click"},
        {
            content: "M takes it into one's own hands",
            trigger: `${NAME}:contains(Comptoir)`,
            run: key("m"),
        },
        {trigger: ".o_form_view button[name=action_send]"},
    ],
});
