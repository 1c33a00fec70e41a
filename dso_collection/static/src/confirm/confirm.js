import {useHotkey} from "@web/core/hotkeys/hotkey_hook";
import {registry} from "@web/core/registry";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";

/** Buttons after which the message does not wait any more: the next one is shown. */
const ANSWERED = ["action_confirm", "action_skip"];
const OPEN = ["planned", "error"];

/**
 * One message after the other, each as it would leave now. Single keys answer; the
 * buttons that they press are those of the view, with their rights and conditions.
 */
export class ConfirmController extends FormController {
    setup() {
        super.setup();
        const keys = {
            j: () => this.go(1),
            k: () => this.go(-1),
            c: () => this.press("action_confirm"),
            s: () => this.press("action_skip"),
            m: () => this.press("action_make_manual"),
        };
        for (const [key, answer] of Object.entries(keys)) {
            // wherever the focus stands: a button that was pressed is gone
            useHotkey(key, answer);
        }
    }

    press(name) {
        this.rootRef.el
            .querySelector(`button[name="${name}"]:not([disabled])`)
            ?.click();
    }

    async go(step) {
        const {resId, resIds} = this.model.root;
        const offset = resIds.indexOf(resId) + step;
        if (offset >= 0 && offset < resIds.length) {
            await this.onPagerUpdate({offset, resIds});
        }
    }

    async afterExecuteActionButton(clickParams) {
        await super.afterExecuteActionButton(clickParams);
        if (ANSWERED.includes(clickParams.name)) {
            // also after a refusal: what changed meanwhile is shown
            await this.model.load();
            if (!this.isWaiting) {
                await this.showNext();
            }
        }
    }

    get isWaiting() {
        const {state, mode, confirmed} = this.model.root.data;
        return OPEN.includes(state) && mode === "auto_confirm" && !confirmed;
    }

    async showNext() {
        const {resId, resIds} = this.model.root;
        const offset = resIds.indexOf(resId);
        const left = resIds.filter((id) => id !== resId);
        if (!left.length) {
            this.env.config.historyBack();
            return;
        }
        await this.model.load({
            resId: left[Math.min(offset, left.length - 1)],
            resIds: left,
        });
    }
}

registry.category("views").add("dso_confirm", {
    ...formView,
    Controller: ConfirmController,
});
