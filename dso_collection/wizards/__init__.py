from . import base_partner_merge
from . import dso_wizard_item
from . import dso_qualify
from . import dso_action_new
from . import dso_action_reschedule
from . import dso_first_run
from . import dso_first_run_journal
from . import dso_go_live
