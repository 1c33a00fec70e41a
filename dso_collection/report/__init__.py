from . import dso_statement
