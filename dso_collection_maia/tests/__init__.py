from . import test_engine_dates
from . import test_engine_amounts
from . import test_engine_invoices
from . import test_engine_reader
from . import test_dso_maia_read
