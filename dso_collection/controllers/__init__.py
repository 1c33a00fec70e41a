from . import letter
from . import statement
