{
    "name": "DSO Collection: Reports",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "summary": "Open items by status, age, customer and collector; qualification rate",
    "license": "LGPL-3",
    "author": "DSO Collection contributors",
    "website": "https://github.com/dso-collection/dso-collection",
    "depends": ["dso_collection"],
    "data": [
        "security/ir.model.access.csv",
        "security/dso_collection_reports_rules.xml",
        "report/dso_item_report_views.xml",
        "views/dso_collection_reports_menus.xml",
    ],
}
