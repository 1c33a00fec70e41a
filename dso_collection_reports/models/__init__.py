from . import digest_digest
from . import dso_report_table
from . import dso_report_table_print
from . import dso_report_file
from . import dso_report_schedule
from . import ir_http
from . import res_company
from . import res_config_settings
