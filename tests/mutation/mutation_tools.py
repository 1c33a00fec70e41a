"""Break one place of the source, and put everything back.

A mutation replaces a text that stands exactly once in a source file, or in one method.
When the text is no longer there, the mutation is outdated: an error, not a pass.
"""

import inspect
import sys
import textwrap
import types
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from unittest.mock import patch

from odoo.tests import tagged

#: Under this name a mutated method finds the class that it stands in.
OWNER = "_mutated_owner"


@dataclass(frozen=True)
class Mutation:
    """``old`` → ``new``, and the tests that must notice."""

    rule: str
    old: str
    new: str
    tests: tuple = ()
    method: str = ""  # of a model: "dso.account._step_done"; else the engine's file
    holder: object = None  # of no model: the class or module that has the method

    @property
    def name(self):
        """A name for the test of this mutation, from the rule and the text."""
        words = "".join(c if c.isalnum() else " " for c in self.old).split()
        return "_".join([self.rule.lower().replace("-", "_"), *words])[:70]


def mutate(source, mutation):
    """The source with the mutation in it.

    :raise LookupError: when the text does not stand there exactly once
    """
    count = source.count(mutation.old)
    if count != 1:
        raise LookupError(
            f"{mutation.rule}: the text stands {count} times in the source, adapt the"
            f" mutation: {mutation.old}"
        )
    return source.replace(mutation.old, mutation.new)


@contextmanager
def mutated_module(original, mutation):
    """A copy of a module, broken, and taken for the original by everybody's imports."""
    copy = types.ModuleType(original.__name__)
    copy.__file__, copy.__package__ = original.__file__, original.__package__
    package = sys.modules[original.__package__]
    name = original.__name__.rpartition(".")[2]
    source = mutate(inspect.getsource(original), mutation)
    with (
        patch.dict(sys.modules, {original.__name__: copy}),
        patch.object(package, name, copy),
    ):
        exec(compile(source, original.__file__, "exec"), vars(copy))
        yield copy


@contextmanager
def mutated_functions(original, mutation, names):
    """Functions of a module replaced, wherever they were imported from it."""
    originals = {name: getattr(original, name) for name in names}
    with ExitStack() as stack:
        with mutated_module(original, mutation) as copy:
            pass
        for module in list(sys.modules.values()):
            if not getattr(module, "__name__", "").startswith("odoo.addons.dso_"):
                continue
            for name, function in originals.items():
                if vars(module).get(name) is function:
                    stack.enter_context(patch.object(module, name, getattr(copy, name)))
        yield


@contextmanager
def _checks_read_anew(cls):
    """Odoo remembers the constraints of a model once it has called them."""
    remembered = vars(cls).get("_constraint_methods")
    if isinstance(remembered, list):
        del cls._constraint_methods
    try:
        yield
    finally:
        if isinstance(vars(cls).get("_constraint_methods"), list):
            del cls._constraint_methods


@contextmanager
def mutated_method(registry, mutation):
    """A method of a model replaced, in the extension that holds the text."""
    model, _dot, name = mutation.method.rpartition(".")
    sources = {
        cls: _source_of(vars(cls)[name])
        for cls in registry[model].mro()
        if name in vars(cls) and cls.__module__.startswith("odoo.addons.dso_")
    }
    holders = [cls for cls, source in sources.items() if mutation.old in source]
    owner = (holders or list(sources))[0]
    with _mutated(owner, name, sources[owner], mutation):
        with _checks_read_anew(registry[model]):
            yield


@contextmanager
def mutated_held(mutation):
    """A function replaced in the class or module that holds it, such as a controller's
    mixin. What was imported from a module keeps the right one."""
    held = vars(mutation.holder)[mutation.method]
    with _mutated(mutation.holder, mutation.method, _source_of(held), mutation):
        yield


def _source_of(held):
    return textwrap.dedent(inspect.getsource(inspect.unwrap(held)))


@contextmanager
def _mutated(owner, name, source, mutation):
    # decorators of Odoo may wrap it
    function = inspect.unwrap(vars(owner)[name])
    source = mutate(source, mutation)
    # outside of its class ``super()`` needs to be told where it stands
    first = "cls" if isinstance(vars(owner)[name], classmethod) else "self"
    source = source.replace("super()", f"super({OWNER}, {first})")
    scope = {}
    function.__globals__[OWNER] = owner
    try:
        code = compile(source, inspect.getfile(function), "exec")
        exec(code, function.__globals__, scope)
        with patch.object(owner, name, scope[name]):
            yield
    finally:
        del function.__globals__[OWNER]


def tests_of(*cases):
    """The tests of these classes: {name: function}."""
    return {
        name: test
        for case in cases
        for name, test in vars(case).items()
        if name.startswith("test_") and callable(test)
    }


def helpers_of(*cases):
    """A base class with everything of these classes but their tests."""
    return type("Helpers", cases, dict.fromkeys(tests_of(*cases)))


def add_tests(case, mutations, tests):
    """Give ``case`` a test for each mutation and each test that must notice it.

    ``case.broken(mutation)`` is a context manager that breaks the source.
    """
    for number, mutation in enumerate(mutations):
        for killer in tests.keys() & set(mutation.tests):
            setattr(
                case,
                f"test_{number:02}_{mutation.name}_{killer[5:]}",
                _make_test(mutation, killer, tests[killer]),
            )


def mutated_cases(mutations, name, *modules):
    """For each test class of modules of the addon one with its helpers and the
    mutations that its tests must notice; and a test that each mutation names tests.

    :param name: of the module that asks
    :return: {name: class or function}, for that module
    """
    cases = [
        case
        for module in modules
        for case in vars(module).values()
        if isinstance(case, type)
        and tests_of(case)
        and case.__module__ == module.__name__
    ]
    found = {}
    for case in cases:
        mutated = type(
            f"Mutated{case.__name__}",
            (helpers_of(case),),
            {
                "__module__": name,
                "broken": lambda self, mutation: (
                    mutated_held(mutation)
                    if mutation.holder
                    else mutated_method(self.registry, mutation)
                ),
            },
        )
        add_tests(mutated, mutations, tests_of(case))
        found[mutated.__name__] = tagged("post_install", "-at_install")(mutated)

    def test_each_mutation_has_its_test():
        """No mutation names a test that does not exist, or none."""
        known = set(tests_of(*cases))
        assert {test for mutation in mutations for test in mutation.tests} <= known
        assert all(mutation.tests for mutation in mutations)

    return {**found, "test_each_mutation_has_its_test": test_each_mutation_has_its_test}


def _make_test(mutation, killer, noticed_by):
    def test(self):
        # what fails in a part of a test fails the test
        parts = patch.object(self, "subTest", lambda *_args, **_params: nullcontext())
        with self.broken(mutation), parts:
            try:
                noticed_by(self)
            except Exception:
                return  # red, by whatever it trips over
        self.fail(f"survived {killer}: {mutation}")

    test.__doc__ = f"{mutation.rule}: {mutation.old!r} → {mutation.new!r}"
    return test
