"""Reading customers' replies, in plain Python: nothing here imports Odoo."""
