import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * Tells a user that his export is ready, wherever he works, with the file at hand.
 */
export const exportService = {
    dependencies: ["action", "bus_service", "notification"],
    start(env, {action, bus_service: bus, notification}) {
        bus.subscribe("dso_collection.export", ({type, message, url}) => {
            const buttons = url
                ? [
                      {
                          name: _t("Download"),
                          icon: "fa-download",
                          primary: true,
                          onClick: () =>
                              action.doAction({
                                  type: "ir.actions.act_url",
                                  url,
                                  target: "download",
                              }),
                      },
                  ]
                : [];
            notification.add(message, {type, buttons, sticky: true});
        });
        bus.start();
    },
};

registry.category("services").add("dso_collection.export", exportService);
