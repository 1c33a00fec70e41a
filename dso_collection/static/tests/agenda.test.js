import {expect, test} from "@odoo/hoot";
import {hover, keyDown, leave, press, queryAllTexts, waitFor} from "@odoo/hoot-dom";
import {Deferred, advanceTime, animationFrame} from "@odoo/hoot-mock";
import {browser} from "@web/core/browser/browser";
import {
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

class DsoAction extends models.Model {
    _name = "dso.action";
    name = fields.Char();
    priority = fields.Integer();
    priority_words = fields.Char();
    _records = [
        {id: 1, name: "First", priority: 35, priority_words: "Overdue: 20 · Age: 15"},
        {id: 2, name: "Second", priority: 10, priority_words: "Overdue: 10 · Age: 0"},
    ];
}
defineMailModels();
defineModels([DsoAction]);

const priorities = /* xml */ `
    <list><field name="name"/><field name="priority" widget="dso_priority"/></list>`;

test("the parts of a priority are fetched when somebody rests on it", async () => {
    onRpc("dso.action", "read", ({args}) => expect.step(`read ${args[0]}`));
    await mountView({type: "list", resModel: "dso.action", arch: priorities});
    await hover(".o_data_row:eq(0) .o_dso_priority");
    await advanceTime(100);
    await leave();
    await advanceTime(500);
    expect(".o_dso_priority_parts").toHaveCount(0);
    expect.verifySteps([]);
    await hover(".o_data_row:eq(1) .o_dso_priority");
    await advanceTime(300);
    await animationFrame();
    expect.verifySteps(["read 2"]);
    expect(queryAllTexts(".o_dso_priority_parts > div")).toEqual([
        "Priority 10 of 100",
        "Overdue: 10",
        "Age: 0",
    ]);
    await leave();
    await animationFrame();
    expect(".o_dso_priority_parts").toHaveCount(0);
});

function situation(id) {
    return {
        customer: `Customer ${id}`,
        action: `Action ${id}`,
        buttons: [{name: "action_confirm", label: "Confirm", key: "c", ask: false}],
        warnings: [],
        facts: [],
        alerts: [],
        events: [],
    };
}

test("a key does nothing to a customer that is not shown yet", async () => {
    browser.localStorage.setItem("dso_collection.situation", "1");
    const second = new Deferred();
    onRpc("dso.action", "get_situation", async ({args}) => {
        const [id] = args[0];
        if (id === 2) {
            await second;
        }
        return situation(id);
    });
    mockService("action", {
        doActionButton({name, resId}) {
            expect.step(`${name} ${resId}`);
        },
    });
    await mountView({
        type: "list",
        resModel: "dso.action",
        arch: /* xml */ `<list js_class="dso_agenda_list"><field name="name"/></list>`,
    });
    await waitFor(".o_dso_situation:focus");
    expect(".o_dso_customer").toHaveText("Customer 1");
    await press("j");
    await waitFor(".o_data_row:eq(1).o_dso_current");
    await press("c");
    expect.verifySteps([]);
    second.resolve();
    await waitFor(".o_dso_customer:contains(Customer 2)");
    // held down, a key does it once
    await keyDown("c");
    await keyDown("c");
    await animationFrame();
    expect.verifySteps(["action_confirm 2"]);
});
