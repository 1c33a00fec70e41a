from . import dso_report_make
