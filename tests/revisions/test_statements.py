"""Following a module's text gives what Python gives, or says that it cannot tell: each row is also run."""

from __future__ import annotations

import ast

import pytest

from migguard.revisions.names import Known
from migguard.revisions.statements import follow_module

UNTOLD = object()


def follow(code: str) -> object:
    """The value that `x` has by the text, UNTOLD where only running tells, KeyError where there is none."""
    names, _ = follow_module(ast.parse(code), "module_py")
    binding = names.binding("x")
    if binding is None:
        raise KeyError("x")
    return binding.value.value if isinstance(binding.value, Known) else UNTOLD


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("x = 'a' if 1 == 1 else 'b'", id="a comparison"),
        pytest.param("x = 'a' if 1 != 1 else 'b'", id="a comparison that fails"),
        pytest.param("y = None\nx = 'a' if y is None else 'b'", id="a comparison with None"),
        pytest.param("y = None\nx = 'a' if y is not None else 'b'", id="a comparison with None that fails"),
        pytest.param("import os\nx = 'a' if os.name else 'a'", id="a choice between equals"),
        pytest.param("x = 'a' and 'b'", id="and"),
        pytest.param("x = None and 'b'", id="and that stops"),
        pytest.param("x = '' or 'b'", id="or"),
        pytest.param("x = f'{1}-{None or 2}'", id="numbers in an f-string"),
        pytest.param("x = (*'ab', *['c'])", id="spreading"),
        pytest.param("x = ['a'] + ['b']", id="a sum of lists"),
        pytest.param("x = {'k': ('a',)}['k']", id="a dictionary's value"),
        pytest.param("x = tuple({'a': 1})", id="a tuple of keys"),
        pytest.param("x = list('ab')", id="a list of letters"),
        pytest.param("(x, y), z = ('a', 'b'), 'c'", id="nested unpacking"),
        pytest.param("x = y = ['a']\ny += 'bc'", id="an alias extended by a string"),
        pytest.param("x = ('a',)\nx += ('b',)", id="an extended tuple"),
        pytest.param("if (y := 'a'):\n    x = y", id="a walrus in a test"),
        pytest.param("if 0:\n    x = 'a'\nelif 1:\n    x = 'b'", id="elif"),
        pytest.param("x = 'a'\ndel x\nx = 'b'", id="deleted and set"),
        pytest.param("x = 'a'\ny = 'b'\ndel (y,)", id="something else deleted"),
        pytest.param("x = 'a'\nassert x\npass", id="an assertion"),
        pytest.param("x = 'a'\nclass C:\n    x = 'b'", id="a class body is a scope"),
        pytest.param("x = 'a'\nasync def f():\n    global x\n    x = 'b'", id="a function that is not called"),
        pytest.param("x = 'a'\nimport os.path as p\nfrom os import sep", id="imports of other names"),
        pytest.param(
            "x = 'a'\ntry:\n    import nowhere_at_all\nexcept ImportError as e:\n    y = 1", id="a failed import"
        ),
        pytest.param("x = 'a'\nfor i in (1, 2):\n    y = i", id="a loop about something else"),
        pytest.param("x = __name__", id="the module's name"),
        pytest.param("'doc'\nx = __doc__", id="the docstring"),
        pytest.param("vars()['x'] = 'a'", id="vars"),
        pytest.param("from __future__ import annotations\nx: 'y' = 'a'", id="a future import"),
        pytest.param("if 1:\n    x = 'a'\nelse:\n    raise E", id="a raise in a branch that is not taken"),
    ],
)
def test_told_value_is_the_real_one(code: str) -> None:
    assert follow(code) == run(code)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import os\nx = 'a' if os.name else 'b'", id="a choice"),
        pytest.param("import os\nx = (y := 'a') if os.name else 'a'", id="a choice with an effect"),
        pytest.param("x = 'a'\nimport os\nos.name or (x := 'b')", id="a walrus that may not happen"),
        pytest.param("x = 'a' < 'b'", id="an order"),
        pytest.param("x = -1", id="a sign"),
        pytest.param("import os\nx = not os", id="not of the unknown"),
        pytest.param("x = 'a'\nimport os\n[(x := i) for i in os.name]", id="a walrus in a comprehension"),
        pytest.param("x = 'abc'[0:1]", id="a slice"),
        pytest.param("x = {**{'a': 1}}", id="a spread dictionary"),
        pytest.param("import os\nx = (os.name, 'a')", id="a tuple of unknowns"),
        pytest.param("import os\nx = [*os.name]", id="an unknown spread"),
        pytest.param("import os\nx = f'{os.name}'", id="an unknown in an f-string"),
        pytest.param("x = f'{1:>3}'", id="a format"),
        pytest.param("import os\nx = 'a' + os.name", id="a sum with an unknown"),
        pytest.param("x = ''.join(['a'])", id="a method"),
        pytest.param("x, *y = 'abc'", id="a starred target"),
        pytest.param("y, *x = 'abc'", id="the starred target itself"),
        pytest.param("x = y = ['a']\ny[0] = 'b'", id="an item of an alias"),
        pytest.param("x = y = ['a', 'b']\ndel y[0]", id="a deleted item of an alias"),
        pytest.param("x = y = ['a']\ny[0] += 'b'", id="an item that is extended"),
        pytest.param("x = y = {'a'}\ny |= {'b'}", id="a set that is extended"),
        pytest.param("x = ['a']\nfor y in [1]:\n    x[0] = 'b'", id="an item set in a loop"),
        pytest.param("for y in [1]:\n    x = 'a'", id="set in a loop"),
        pytest.param("for y in [1]:\n    def x(): ...", id="defined in a loop"),
        pytest.param("for y in [1]:\n    import os as x", id="imported in a loop"),
        pytest.param("x = 'a'\nfor y in [1]:\n    exec('x = 2')", id="a call in a loop"),
        pytest.param("match {'a': 1}:\n    case {**x}:\n        pass", id="a mapping pattern"),
        pytest.param("match [1, 2]:\n    case [y, *x]:\n        pass", id="a star pattern"),
        pytest.param("match 1:\n    case x:\n        pass", id="a name pattern"),
        pytest.param("import io\nwith io.StringIO() as x:\n    pass", id="a context manager's value"),
        pytest.param("def f(y):\n    global x\n    x = 'b'\n    return y\nx = 'a'\n@f\ndef g(): ...", id="a decorator"),
        pytest.param("x = 'a'\nclass C:\n    global x\n    x = 'b'", id="a class body that reaches out"),
        pytest.param("x = 'a'\nclass C:\n    exec('global x; x = 2')", id="a call in a class body"),
        pytest.param("x = ['a']\ndef f(y=x.append('b')): ...", id="a call in a default"),
        pytest.param("x = 'a'\ntry:\n    int('b')\n    x = 'c'\nexcept ValueError:\n    pass", id="a body left early"),
        pytest.param(
            "x = 'a'\ntry:\n    if 1:\n        x = 'b'\n        int('c')\n    x = 'd'\nexcept ValueError:\n    pass",
            id="a block left early",
        ),
        pytest.param(
            "x = 'a'\ntry:\n    int('b')\nexcept ValueError as x:\n    y = x\n    x = 'c'\nelse:\n    x = 'a'",
            id="a handler's name",
        ),
        pytest.param("x = __file__", id="the file's path"),
    ],
)
def test_value_that_the_text_cannot_tell_is_not_guessed(code: str) -> None:
    try:
        assert follow(code) is UNTOLD
    except KeyError:
        with pytest.raises(KeyError):
            run(code)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("y = 'a'", id="never set"),
        pytest.param("x: str", id="only annotated"),
        pytest.param("x = 'a'\ndel x", id="deleted"),
        pytest.param("def f():\n    x = 'a'", id="set in a function"),
        pytest.param("if 0:\n    x = 'a'", id="set where nothing gets"),
    ],
)
def test_name_that_the_module_lacks_is_absent(code: str) -> None:
    with pytest.raises(KeyError):
        follow(code)
    with pytest.raises(KeyError):
        run(code)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("raise E", id="at once"),
        pytest.param("if x:\n    raise E\nelse:\n    raise F", id="in every branch"),
        pytest.param("try:\n    raise E\nexcept F:\n    raise", id="in every handler"),
    ],
)
def test_module_that_always_raises_never_ends(code: str) -> None:
    assert follow_module(ast.parse(code), "m")[1] is False


def run(code: str) -> object:
    """What `x` really is."""
    namespace: dict[str, object] = {"__name__": "module_py", "__file__": "/module.py"}
    exec(compile(code, "module.py", "exec", dont_inherit=True), namespace)
    return namespace["x"]
