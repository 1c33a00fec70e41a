{
    "name": "DSO Collection: MAIA",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "summary": "Reads a pasted reply: finds the open items, amounts and dates that a"
    " customer names. Does not classify yet, applies nothing, sends nothing out",
    "license": "LGPL-3",
    "author": "DSO Collection contributors",
    "website": "https://github.com/dso-collection/dso-collection",
    "depends": ["dso_collection"],
    "external_dependencies": {"python": ["babel", "lxml", "numpy", "py3langid"]},
    "data": [
        "security/ir.model.access.csv",
        "wizards/dso_maia_read_views.xml",
        "views/dso_account_views.xml",
    ],
}
