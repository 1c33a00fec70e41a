from . import dso_item_report
