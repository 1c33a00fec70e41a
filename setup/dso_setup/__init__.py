"""What `setup/run`, `setup/shell` and `setup/test` do once Python and Odoo are there.

`bootstrap.sh` comes first and sets DSO_ROOT (the checkout), DSO_STATE (its local
state), DSO_ODOO (where the package `odoo` is) and DSO_STARTED (seconds).
"""
