import {useEffect} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {ListController} from "@web/views/list/list_controller";
import {listView} from "@web/views/list/list_view";
import {countAgain} from "./situation";

/** Replies that were taken up are counted no more: the tabs count anew. */
const counting = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            let loaded = false;
            useEffect(
                () => {
                    if (loaded) {
                        countAgain(this.env);
                    }
                    loaded = true;
                },
                () => [this.model.root]
            );
        }
    };

const views = registry.category("views");
views.add("dso_reply_list", {...listView, Controller: counting(ListController)});
views.add("dso_reply_kanban", {...kanbanView, Controller: counting(KanbanController)});
