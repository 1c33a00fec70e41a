import {expect, test} from "@odoo/hoot";
import {queryAllTexts} from "@odoo/hoot-dom";
import {
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

class DsoReport extends models.Model {
    _name = "dso.report";
    collector = fields.Char();
    rate = fields.Float({aggregator: "avg"});
    _records = [
        {id: 1, collector: "Ann", rate: 0},
        {id: 2, collector: "Bob", rate: 0.25},
        {id: 3, collector: "Eve", rate: 0},
    ];
}
defineMailModels();
defineModels([DsoReport]);

test("a rate that there is not is blank, and none of 0 %", async () => {
    onRpc("web_search_read", async ({parent}) => {
        const result = await parent();
        result.records[2].rate = false; // which the server of tests makes 0 of
        return result;
    });
    await mountView({
        type: "list",
        resModel: "dso.report",
        arch: /* xml */ `
            <list>
                <field name="collector"/>
                <field name="rate" widget="dso_percentage"/>
            </list>`,
    });
    expect(queryAllTexts(".o_data_cell[name=rate]")).toEqual(["0%", "25%", ""]);
});
