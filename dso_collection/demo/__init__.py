from . import dso_demo
