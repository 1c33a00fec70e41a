import {expect, test} from "@odoo/hoot";
import {queryAllTexts} from "@odoo/hoot-dom";
import {defineModels, fields, models, mountView} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

class DsoAction extends models.Model {
    _name = "dso.action";
    type = fields.Selection({
        selection: [
            ["email", "E-mail"],
            ["pigeon", "Carrier pigeon"],
        ],
    });
    star = fields.Boolean();
    _records = [
        {id: 1, type: "email", star: true},
        {id: 2, type: "pigeon", star: false},
        {id: 3, type: false, star: false},
    ];
}
defineMailModels();
defineModels([DsoAction]);

const arch = /* xml */ `
    <list>
        <field name="star" widget="dso_star"/>
        <field name="type" widget="dso_action_type"/>
    </list>`;

test("the type of an action is an icon with its name", async () => {
    await mountView({type: "list", resModel: "dso.action", arch});
    expect(queryAllTexts(".o_dso_action_type")).toEqual(["E-mail", "Carrier pigeon"]);
    expect(".o_data_row:eq(0) .fa-envelope-o").toHaveCount(1);
    expect(".o_data_row:eq(1) .fa-circle-o").toHaveCount(1);
});

test("only a specific action bears a star, and the star says why", async () => {
    await mountView({type: "list", resModel: "dso.action", arch});
    expect(".o_dso_star").toHaveCount(1);
    expect(".o_data_row:eq(0) .o_dso_star").toHaveAttribute(
        "title",
        "In a specific action: outside the scenario"
    );
});
