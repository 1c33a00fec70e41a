from . import test_dso_item_report
