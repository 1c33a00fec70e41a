from . import dso_maia_read
from . import dso_maia_read_item
from . import dso_maia_read_finding
from . import dso_qualify
from . import dso_assign
from . import dso_qualify_next
from . import dso_personal_data
