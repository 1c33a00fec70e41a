from . import dso_maia_read
from . import dso_maia_read_item
from . import dso_maia_read_finding
