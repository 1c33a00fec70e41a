import {
    Component,
    onMounted,
    onWillStart,
    onWillUpdateProps,
    useExternalListener,
    useRef,
    useState,
    useSubEnv,
} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {useCommand} from "@web/core/commands/command_hook";
import {_t} from "@web/core/l10n/translation";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {CHANGED} from "./agenda_tabs";

const OPEN_KEY = "dso_collection.situation";
const TYPING = "input, textarea, select, [contenteditable='true'], .o_searchview";

/** The customer of one action: what he owes, what happened, what can be done now. */
export class Situation extends Component {
    static template = "dso_collection.Situation";
    static props = {
        actionId: Number,
        position: String,
        version: Number,
        onClose: Function,
        onDone: Function,
        onMove: Function,
        onOpen: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.keepLast = new KeepLast();
        this.state = useState({data: null, shownId: false});
        this.busy = false;
        this.root = useRef("root");
        onWillStart(() => this.load(this.props.actionId));
        // Odoo gives the focus to an empty search, where letters are no keys
        onMounted(() => requestAnimationFrame(() => this.takeFocus()));
        onWillUpdateProps((props) => {
            // not awaited: the list moves on at once
            this.load(props.actionId);
        });
        useExternalListener(window, "keydown", this.onKeydown.bind(this));
    }

    takeFocus() {
        const {activeElement} = document;
        if (activeElement?.closest(".o_searchview") && !activeElement.value) {
            this.root.el?.focus({preventScroll: true});
        }
    }

    async load(id) {
        this.state.shownId = false;
        const found = await this.keepLast.add(
            this.orm.silent.call("dso.action", "get_situation", [[id]])
        );
        this.state.data = found || {gone: true};
        this.state.shownId = id;
    }

    /** Press a button; what cannot be taken back is asked first: a key is easily hit.
     *  Nothing is done to an action that is not shown yet. */
    run(button) {
        if (this.busy || this.state.shownId !== this.props.actionId) {
            return;
        }
        if (button.ask) {
            this.dialog.add(ConfirmationDialog, {
                title: button.label,
                body: button.ask,
                confirmLabel: button.label,
                confirm: () => this.press(button),
                cancel: () => {
                    // stays as it is
                },
            });
        } else {
            this.press(button);
        }
    }

    async press(button) {
        this.busy = true;
        try {
            await this.action.doActionButton({
                type: "object",
                name: button.name,
                resModel: "dso.action",
                resId: this.props.actionId,
                resIds: [this.props.actionId],
                context: {
                    active_id: this.props.actionId,
                    active_ids: [this.props.actionId],
                    active_model: "dso.action",
                },
                onClose: () => this.props.onDone(),
            });
            await this.props.onDone();
        } finally {
            this.busy = false;
        }
    }

    openAccount() {
        this.action.doActionButton({
            type: "object",
            name: "action_open_account",
            resModel: "dso.action",
            resId: this.props.actionId,
        });
    }

    onKeydown(ev) {
        if (ev.ctrlKey || ev.altKey || ev.metaKey || ev.defaultPrevented) {
            return;
        }
        if (
            ev.target.closest?.(TYPING) ||
            document.querySelector(".modal, .o-dropdown--menu")
        ) {
            return;
        }
        const key = ev.key.toLowerCase();
        const button = this.state.data?.buttons?.find((b) => b.key === key);
        if (key === "j") {
            this.props.onMove(1);
        } else if (key === "k") {
            this.props.onMove(-1);
        } else if (key === "o") {
            this.props.onOpen();
        } else if (key === "escape") {
            this.props.onClose();
        } else if (button) {
            if (!ev.repeat) {
                this.run(button);
            }
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }
}

/** Gives a list or kanban controller the panel beside its records.
 *
 *  @param {Function} getModel the controller's model
 *  @returns {Object} what the template of the panel needs */
export function useSituation(getModel) {
    const ui = useService("ui");
    const state = useState({
        open: browser.localStorage.getItem(OPEN_KEY) === "1" && !ui.isSmall,
        id: false,
        version: 0,
    });
    const records = () => (getModel().root?.records || []).filter((r) => r.resId);
    const situation = {
        state,
        /** The record of this id, or the first one when it is not shown. */
        currentOf(id) {
            const ids = records().map((record) => record.resId);
            return ids.includes(id) ? id : ids[0];
        },
        get currentId() {
            return situation.currentOf(state.id);
        },
        get position() {
            const ids = records().map((record) => record.resId);
            return _t("%(index)s of %(count)s", {
                index: ids.indexOf(situation.currentId) + 1,
                count: ids.length,
            });
        },
        get shown() {
            return (
                state.open && !getModel().useSampleModel && Boolean(situation.currentId)
            );
        },
        show(record) {
            state.id = record.resId;
        },
        toggle() {
            state.open = !state.open;
            browser.localStorage.setItem(OPEN_KEY, state.open ? "1" : "0");
        },
        move(step) {
            const list = records();
            const index = list.findIndex((r) => r.resId === situation.currentId);
            const next = list[index + step];
            if (next) {
                state.id = next.resId;
                requestAnimationFrame(() =>
                    document
                        .querySelector(".o_dso_current")
                        ?.scrollIntoView({block: "nearest"})
                );
            }
        },
        current() {
            return records().find((r) => r.resId === situation.currentId);
        },
    };
    useSubEnv({dsoSituation: situation});
    useCommand(_t("Customer beside the list"), () => situation.toggle(), {
        category: "smart_action",
        hotkey: "alt+shift+p",
    });
    return situation;
}

/** Tell the tabs that what they count has changed. */
export function countAgain(env) {
    env.bus.trigger(CHANGED);
}
