import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * Says what was qualified, and takes it back by one click.
 *
 * @param {Object} env
 * @param {Object} action params: message and ids of the dso.qualification rows
 */
export function qualified(env, action) {
    const {message, ids} = action.params;
    const {action: actions, notification, orm} = env.services;
    const reload = () => actions.doAction("soft_reload");
    const close = notification.add(message, {
        type: "success",
        autocloseDelay: 10000,
        buttons: [
            {
                name: _t("Undo"),
                onClick: async () => {
                    close();
                    await orm.call("dso.qualification", "action_undo", [ids]);
                    notification.add(_t("Undone."), {type: "info"});
                    await reload();
                },
            },
        ],
    });
    // closing the window, if there is one, reloads what is behind it
    return {type: "ir.actions.act_window_close"};
}

registry.category("actions").add("dso_qualified", qualified);
