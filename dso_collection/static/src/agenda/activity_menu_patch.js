import {patch} from "@web/core/utils/patch";
import {ActivityMenu} from "@mail/core/web/activity_menu";

patch(ActivityMenu.prototype, {
    async openActivityGroup(group, filter = "all", newWindow = false) {
        if (group.model !== "dso.action") {
            return super.openActivityGroup(group, filter, newWindow);
        }
        this.dropdown.close();
        const action = await this.env.services.orm.call(
            "dso.action",
            "action_open_own",
            [],
            {due: filter}
        );
        return this.action.doAction(action, {newWindow, clearBreadcrumbs: true});
    },
});
