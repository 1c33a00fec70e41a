from . import access
from . import access_guard
from . import letter
from . import statement
