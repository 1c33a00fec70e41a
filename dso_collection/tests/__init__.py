from . import test_engine_examples
from . import test_demo
from . import test_engine_rules
from . import test_events
from . import test_qualification
from . import test_actions
from . import test_ui
