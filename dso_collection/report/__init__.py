from . import dso_letter
from . import dso_statement
