from . import access
from . import letter
from . import statement
