from . import test_engine_examples
