"""What the grader reads from a student's program without running it."""

import ast
import textwrap
import time
from pathlib import Path

import pytest

from grader.source.forbidden import forbidden_use
from grader.source.fragment import names_bound
from grader.source.program import Program
from grader.source.submission import Cell, Submission, SubmissionError


def program(text):
    return Program(Submission("week1", Path("week1.py"), textwrap.dedent(text)))


@pytest.mark.parametrize(
    ("text", "stub"),
    [
        ('def f(x):\n    """Doc."""\n    raise NotImplementedError("Write f.")', True),
        ("def f(x):\n    raise NotImplementedError", True),
        ("@jax.jit\ndef f(x):\n    raise NotImplementedError()", True),
        ("def f(x):\n    pass", False),
        ("def f(x):\n    ...", False),
        ('def f(x):\n    """Doc."""', False),
        ("def f(x):\n    print(x)\n    raise NotImplementedError", False),
        ("def f(x):\n    raise ValueError", False),
        ("def f(x):\n    raise", False),
        ("class f:\n    def a(self): raise NotImplementedError", True),
        ("class f:\n    def a(self): raise NotImplementedError\n    def b(self): return 1", False),
        ("class f:\n    pass", False),
        ("def f(x):\n    raise NotImplementedError\nf = abs", False),
        ("if True:\n    def f(x):\n        raise NotImplementedError", True),
    ],
)
def test_stubs(text, stub):
    assert program(text).is_stub("f") is stub


def test_the_last_definition_counts():
    text = "def f(x):\n    return 1\n\ndef f(x):\n    raise NotImplementedError\n"
    assert program(text).is_stub("f") and program(text).shadowed_line("f") == 1
    text = "def f(x):\n    raise NotImplementedError\n\ndef f(x):\n    return 1\n"
    assert not program(text).is_stub("f")


def test_names_and_near_misses():
    made = program(
        """
        from lib import fashion_cnn
        g = lambda x: x
        try:
            def h(): return 1
        except ValueError:
            pass
        def convolve_2d(image, kernel): return 1
        def maxpool2d(x): return 2
        """
    )
    assert made.has("fashion_cnn") and made.has("g") and made.has("h") and not made.has("k")
    assert program("from lib import *").has("k") and not program("from week1 import *").has("k")
    assert made.near_miss("convolve2d") == "convolve_2d"
    assert made.near_miss("max_pool2d") == "maxpool2d"
    assert made.near_miss("cross_entropy") is None
    assert program("def Convolve2D(a, b): return 1").near_miss("convolve2d") == "Convolve2D"


def definition(text):
    return ast.parse(text).body[0]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("def f(image, kernel): pass", False),
        ("def f(image: int, kernel: 'x' = None) -> int: pass", False),
        ("def f(image, kernel, extra=1): pass", False),
        ("def f(*args): pass", False),
        ("def f(image, /, kernel): pass", False),
        ("def f(kernel, image): pass", True),
        ("def f(picture, kernel): pass", True),
        ("def f(image): pass", True),
        ("def f(image, kernel, extra): pass", True),
        ("class f: pass", True),
        ("f = lambda a: a", False),
    ],
)
def test_signatures(text, wrong):
    found = program(text).wrong_signature("f", definition("def f(image, kernel): pass"))
    assert bool(found) is wrong
    if wrong and "def" in text:
        assert found[0] == 1 and "(image, kernel)" in found[1]


def test_signatures_that_take_any_number():
    right = definition("def f(*matrices): pass")
    for same in ("*others", "first, *others"):
        assert not program(f"def f({same}): return 1").wrong_signature("f", right)
    _, said = program("def f(first, second): return 1").wrong_signature("f", right)
    assert said == "f should take (*matrices); yours takes (first, second)."


def test_signatures_of_methods():
    right = definition("class C:\n  def __init__(self, threshold): pass\n  def go(self, a): pass")
    assert not program(
        "class C:\n  def __init__(self, threshold): pass\n  def go(self, a): 1"
    ).wrong_signature("C", right)
    line, said = program(
        "class C:\n  def __init__(self, threshold): pass\n  def go(self, b): 1"
    ).wrong_signature("C", right)
    assert line == 3 and said == "C.go should take (a); yours takes (b)."
    line, said = program("class C:\n  def __init__(self, threshold): 1").wrong_signature("C", right)
    assert "no method go" in said
    # The text does not show what is inherited, or what a decorator writes.
    dataclass = "@dataclass\nclass C:\n  threshold: float\n  def go(self, a): return 1"
    assert not program(dataclass).wrong_signature("C", right)
    missing = program("@dataclass\nclass C:\n  threshold: float").wrong_signature("C", right)
    assert missing and "no method go" in missing[1]
    assert not program("class C(B):\n  def __init__(self, threshold): 1").wrong_signature(
        "C", right
    )


@pytest.mark.parametrize(
    "text",
    [
        "import lib\ndef f(x): return lib.conv2d(x)",
        "import lib as l\ndef f(x): return l.conv2d(x)",
        "from lib import conv2d\ndef f(x): return conv2d(x)",
        "from lib import conv2d as c\ndef f(x): return c(x)",
        "from lib import *\ndef f(x): return conv2d(x)",
        "import lib.nn.layers\ndef f(x): return lib.nn.layers.conv2d(x)",
        "from lib.convolution import conv2d\ndef f(x): return conv2d(x)",
        "from lib import layers\ndef f(x): return layers.conv2d(x)",
        "def f(x):\n    import lib\n    return lib.conv2d(x)",
        "def f(x):\n    from lib import conv2d as q\n    return q(x)",
        "import lib\ndef f(x): return getattr(lib, 'conv2d')(x)",
        "import lib\ndef g(x): return lib.conv2d(x)\ndef f(x): return g(x)",
        "import lib\nconv = lib.conv2d\ndef f(x): return conv(x)",
        "import lib\nconv = lib.conv2d\nf = conv",
        "import lib\nclass A:\n    def g(self, x): return lib.conv2d(x)\ndef f(x): return A().g(x)",
        "from jax import lax\ndef f(x): return lax.conv_general_dilated(x)",
        "import jax\ndef f(x): return jax.lax.conv(x)",
        "from jax.lax import conv as k\ndef f(x): return k(x)",
        "import jax\nBOX = [0]\nBOX[0] = jax.lax.conv\ndef f(x): return BOX[0](x)",
        "import jax\n_F = {}\n_F['c'] = jax.lax.conv\ndef f(x): return _F['c'](x)",
        "import jax\n_F = {}\n_F.update(c=jax.lax.conv)\ndef f(x): return _F['c'](x)",
        "import jax\na, b = 1, jax.lax.conv\ndef f(x): return b(x)",
        "import jax\nclass A: pass\nA.c = jax.lax.conv\ndef f(x): return A.c(x)",
        "import jax\nclass A: pass\nsetattr(A, 'c', jax.lax.conv)\ndef f(x): return A.c(x)",
        "import jax\nfor c in [jax.lax.conv]: pass\ndef f(x): return c(x)",
        "import jax\nprint(c := jax.lax.conv)\ndef f(x): return c(x)",
        "import jax\ndef f(x): return x\nf.c = jax.lax.conv",
        "import jax, numpy as np\nnp.c = jax.lax.conv\ndef f(x): return np.c(x)",
        "import jax\nL = jax._src.lax.convolution\ndef f(x): return L.conv(x)",
        "from jax._src.lax.convolution import conv_general_dilated as k\ndef f(x): return k(x)",
        "from jax._src.lax import convolution\ndef f(x): return convolution.conv(x)",
        "def f(x):\n    from jax._src.lax import convolution as c\n    return c.conv(x)",
    ],
)
def test_forbidden_pieces_are_found(text):
    use = forbidden_use(program(text), ("f",), ("lib.conv2d", "jax.lax.conv*"))
    assert use is not None and use.line >= 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import importlib\ndef f(x): return importlib.import_module(x)", "importlib"),
        ("from importlib import import_module as i\ndef f(x): return i(x)", "importlib"),
        ("def f(x):\n    return __import__(x)", "__import__"),
        ("import sys\ndef f(x):\n    return sys.modules[x]", "sys.modules"),
        ("import jax\ndef f(x):\n    return getattr(jax.lax, 'co' + 'nv')(x)", "getattr"),
        ("import jax\nL = jax.lax\ndef f(x):\n    return vars(L)[x]", "vars"),
        ("import jax\ndef f(x):\n    return jax.lax.__dict__[x]", "__dict__"),
        ("def f(x):\n    return globals()[x]", "globals"),
        ("def f(x):\n    return eval('1')", "eval"),
        ("def f(x):\n    return compile(x, '', 'exec')", "compile"),
        ("import runpy\ndef f(x): return runpy.run_path(x)", "runpy"),
        ("import code\ndef f(x): return code.InteractiveInterpreter().runsource(x)", "code"),
        (
            "from operator import attrgetter as a\nimport jax\ndef f(x): return a('lax')(jax)",
            "oper",
        ),
        ("import operator as o\ndef f(x): return o.methodcaller('conv', 1)(x)", "operator"),
        (
            "from functools import reduce\nimport jax\ndef f(x): return reduce(getattr, x, jax)",
            "ge",
        ),
        ("import jax\ndef g(m): return m._src.lax\ndef f(x): return g(jax)", "_src"),
        ("import jax\ndef g(m): return getattr(m, '_src')\ndef f(x): return g(jax)", "_src"),
        ("def f(x):\n    match x:\n        case object(_src=y): return y", "case"),
        ("import sys\ndef f(x): return sys._getframe(1)", "sys._getframe"),
        (
            "def f(x):\n  try: x()\n  except ValueError as e: return e.__traceback__.tb_frame",
            "tb_fr",
        ),
        ("import inspect\ndef f(x): return inspect.currentframe().f_back", "f_back"),
        ("import inspect\ndef f(x): return inspect.stack()[1].frame.f_locals", "f_locals"),
        ("def f(x): return f.__globals__", "__globals__"),
        ("def f(x): return object.__subclasses__()", "__subclasses__"),
        ("def f(x): return print.__self__", "__self__"),
        ("import types\ndef f(x): return types.FunctionType(x, {})", "types"),
    ],
)
def test_imports_by_name_are_found(text, name):
    use = forbidden_use(program(text), ("f",), ("jax.lax.conv*",))
    assert use is not None and use.by_name and use.name.startswith(name)
    assert forbidden_use(program(text), ("f",), ()) is None


def test_absurd_renaming_and_unpacking_take_no_time():
    names = [f"n{k}" for k in range(40)]
    text = "import jax\n" + "".join(f"{a} = {b}.x\n" for a in names for b in (*names, "jax"))
    many = ", ".join(f"m{k}" for k in range(5000))
    text += f"{many} = range(5000)\ndef f(x): return n0, {many}\n"
    assert forbidden_use(program(text), ("f",), ("jax.lax.conv*",)) is None


@pytest.mark.parametrize(
    "text",
    [
        "import lib\ndef f(x):\n    got = x\n    return got\ngot = lib.conv2d(1)",
        "import lib\ndef f(x, k): return x + k\nx, k = lib.conv2d(1), 2\nx[0] = lib.conv2d(2)",
        "import lib, numpy as np\ndef f(x): return np.sum(x)\nnp.testing.x(f(1), lib.conv2d(1))",
        "import lib\ndef f(x): return [k for k in x]\nprint(f(1), lib.conv2d(1))",
        "import jax\ndef f(x, name): return getattr(x, name), vars(x), jax.nn.relu(x)",
        "import importlib\ndef f(x): return x\ndef g(x): return importlib.import_module(x)",
        "import jax\ndef f(x): return getattr(jax.lax, 'exp')(x)",
        "import jax\ndef f(x): return jax.jit(jax.nn.relu).lower(x).compile()(x)",
        "import operator\ndef f(x): return operator.itemgetter(1)(x)",
        "import inspect\ndef f(x): return inspect.signature(x), inspect.getsource(f)",
        "class f:\n    def __init__(self, x): self._src = x\n    def g(self): return self._src",
        "def f(code): return code.run",
        "import lib, numpy as np\ndef f(x): return np.sum(x)\nnp.set_printoptions(lib.conv2d(1))",
        "import lib\ndef g(x): return lib.conv2d(x)\ndef f(x): return x",
        "import lib\ndef f(x): return lib.max_pool(x)",
        "def f(conv2d): return conv2d",
        "import lib\ndef f(x): return 'lib.conv2d'",
        "import mylib as lib2\ndef f(x): return lib2.conv2d(x)",
    ],
)
def test_other_pieces_are_free(text):
    assert forbidden_use(program(text), ("f",), ("lib.conv2d", "jax.lax.conv*")) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [("def f(:\n  pass", 1), ("x = 1\ny = (", 2), ("def f():\nreturn 1", 2), ("a = 'b", 1)],
)
def test_syntax_errors_have_a_line(text, line):
    with pytest.raises(SubmissionError, match="Python cannot read") as caught:
        program(text)
    assert caught.value.your_line.startswith(f"week1.py:{line}")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + ")" * 5000,
        "x = " + "-" * 20000 + "1",
        "x = 1" + " + 1" * 60000,
        "x = a" + ".b" * 50000,
        "\n".join(" " * n + "if 1:" for n in range(150)),
    ],
)
def test_absurd_nesting_is_a_sentence(text):
    with pytest.raises(SubmissionError):
        program(text)


def test_fingerprints_change_with_what_a_function_does():
    base = program("k = 2\ndef g(x): return k * x\ndef f(x): return g(x)\ndef other(x): return 1")
    same = program("# note\nk = 2\ndef g(x): return k*x\n\ndef f(x): return g(x)\ndef other(x): 2")
    assert base.fingerprint(("f",)) == same.fingerprint(("f",))
    helper = program("k = 2\ndef g(x): return k + x\ndef f(x): return g(x)\ndef other(x): return 1")
    constant = program(
        "k = 3\ndef g(x): return k * x\ndef f(x): return g(x)\ndef other(x): return 1"
    )
    assert len({made.fingerprint(("f",)) for made in (base, helper, constant)}) == 3


def test_the_line_of_a_wrong_answer_is_the_last_return():
    text = "def f(x):\n    def g():\n        return 1\n    if x:\n        return 2\n    return 3\n"
    assert program(text).last_line("f") == 6
    assert program("def f(x):\n    y = 1\n").last_line("f") == 1


def test_what_a_cell_that_stopped_should_have_defined_is_lost():
    text = "import numpy as np\ndef f(x): return np.sum(x) + two\ntwo = 2\n"
    text += "1 / 0\nimport numpy as np\ndef g(x): return x\ntwo = 3\n"
    first, second = Cell(1, 3), Cell(4, 7)
    found = Program(Submission("week1", Path("week1.py"), text, (first, second)))
    assert found.lost(("f",), {}) is None
    assert found.lost(("f",), {second: 4}) == ("two", second), "no earlier one instead"
    assert found.lost(("g",), {second: 4}) == ("g", second)
    assert found.lost(("g",), {second: 7}) is None, "it stands above the line that raised"
    shorter = Program(Submission("week1", Path("week1.py"), text[:-8], (first, Cell(4, 6))))
    assert shorter.lost(("f",), {Cell(4, 6): 4}) is None, "NumPy is imported above as well"


@pytest.mark.parametrize(
    "body",
    [
        "def f(x): return [other for other in x]",
        "def f(x): return {other: 1 for other, _ in x}",
        "class f:\n    other: int = 64\n    def g(self): return self.other",
        "def f(x):\n    try: return x\n    except ValueError as other: return other",
        "def f(x):\n    import other\n    return other.dumps(x)",
        "def f(x):\n    from a import b as other\n    return other(x)",
        "def f(x): return (lambda other: other)(x)",
        "def f(x):\n    for other in x: pass\n    return lambda: other",
        "def f(x):\n    global third\n    third = [other := x, other]",
        "def f(x):\n    match x:\n        case {'a': 1, **other}: return other",
        "f, other = 1, 2",
    ],
)
def test_a_name_of_a_function_s_own_is_not_the_module_s(body):
    text = f"{body}\nother = 1 / 0\n"
    cells = (Cell(1, body.count("\n") + 1), Cell(body.count("\n") + 2, body.count("\n") + 2))
    found = Program(Submission("week1", Path("week1.py"), text, cells))
    assert found.lost(("f",), {cells[1]: cells[1].first}) is None
    broken = Cell(*[cells[1].first] * 2, "It is broken.", 1, frozenset(["other"]))
    text = f"{body}\n\n"
    found = Program(Submission("week1", Path("week1.py"), text, (cells[0], broken)))
    assert found.lost(("f",), {}) is None or body.startswith("f, other")


@pytest.mark.parametrize(
    "body",
    [
        "def f(x): return [x for x in other]",
        "def f(x): return [[y for y in other] for x in x]",
        "def f(x, k=other): return k",
        "def f(x, k=lambda other: 0): return other",
        "class f:\n    def g(self, x: other): return x",
        "class f:\n    other = 1\n    def g(self): return other",
        "def f(x):\n    def g():\n        global other\n        return other\n    other = g()",
        "@other\ndef f(x): return x",
        "third = other\ndef f(x): return third",
    ],
)
def test_a_name_of_the_module_s_is_needed(body):
    lines = body.count("\n") + 1
    first, second = Cell(1, lines), Cell(lines + 1, lines + 1)
    text = f"{body}\nother = 1 / 0\n"
    found = Program(Submission("week1", Path("week1.py"), text, (first, second)))
    assert found.lost(("f",), {second: second.first}) == ("other", second)


def test_a_class_s_own_name_hides_no_forbidden_piece():
    text = "import lib\nc = lib.conv2d\nclass A:\n    if 0: c = 1\n    d = c\n"
    text += "def f(x): return A.d(x)\n"
    assert forbidden_use(program(text), ("f",), ("lib.conv2d",)) is not None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("print(f(x, key=jax.random.key(0))", ""),
        ("f(values=jnp.ones(3), new=", ""),
        ("g(\n    x,\n    f=3,\n", ""),
        ("x[f] = (", ""),
        ("f(1) = 3", ""),
        ("x.f = (", ""),
        ("assert g(f=", ""),
        ("f == (", ""),
        ("'''\nf = 3\n''' + (", ""),
        ("if __name__ == '__main__':\n    f = (", ""),
        ("def g(\n    f = 3", "g"),
        ("x = f = (", "f x"),
        ("a = 1; f = (", "a f"),
        ("if True: f = 5 +", "f"),
        ("f += (", "f"),
        ("f: int = (", "f"),
        ("(a, [*b, c]), f = (", "a b c f"),
        ("with open(b=3) as f, g as h:", "f h"),
        ("with (a as f, b(x=3) as g):", "f g"),
        ("for a, (b, f) in (", "a b f"),
        ("print(g(x)\nf = 3", "f"),
        ("print(g(x)\ndef f(x): pass", "f"),
        ("x = '''a\ndef f(x): pass", "f x"),
        ("%time f = (", "f"),
        ("!echo it's (\nf = (", "f"),
        ("def \u017fet_last(", "set_last"),
    ],
)
def test_names_of_what_cannot_be_read(text, names):
    assert " ".join(sorted(names_bound(text))) == names


@pytest.mark.parametrize(
    "part", ["(", "a=", "f(\n", "x\n", ";", "'\\", "'''\\", "\\'", "a,", "as "]
)
def test_names_of_a_long_text_take_no_time(part):
    began = time.process_time()
    list(names_bound(part * (150_000 // len(part))))
    assert time.process_time() - began < 3


FOUND = "import jax, sys\ndef f(x): return x\ndef other(x): return jax.lax.conv(x)\n"


@pytest.mark.parametrize(
    "text",
    [
        "if __name__ == 'week1':\n    f = other",
        "if __name__ != '__main__':\n    f = other",
        "if '__main__' == '__main__' != __name__:\n    f = other",
        "if __name__ == '__main__':\n    pass\nelse:\n    f = other",
        "__name__ = '__main__'\nif __name__ == '__main__':\n    f = other",
        "globals()['f'] = other",
        "vars().update(f=other)",
        "g = globals()\ng['f'] = other",
        "def set():\n    globals()['f'] = other\nset()",
        "def set():\n    global f\n    f = other\nset()",
        "def set():\n    global f\n    from jax.lax import conv as f\nset()",
        "def set(names): names['f'] = other\nset(globals())",
        "setattr(sys.modules[__name__], 'f', other)",
        "sys.modules[__name__].f = other",
        "m = sys.modules[__name__]\nm.f = other",
        "import week1\nweek1.f = other",
        "import week1\nweek1.__dict__.update(f=other)",
        "f.__globals__['f'] = other",
        "match other:\n    case f: pass",
        "from jax.lax import conv as f",
        "from jax.lax import conv as f\nif 0:\n    def f(x): return x",
    ],
)
def test_no_detour_to_a_name_is_overlooked(text):
    assert forbidden_use(program(FOUND + text), ("f",), ("jax.lax.conv*",)) is not None, text


@pytest.mark.parametrize(
    "text",
    [
        "if __name__ == '__main__':\n    f = other",
        "if '__main__' == __name__:\n    f = other\nprint(f.__name__, __name__)",
        "if 'f' in globals() and 'google.colab' in sys.modules: print(other(1))",
        "print(sorted(globals()), len(vars()))",
        "globals()['g'] = other(1)",
        "import matplotlib.pyplot as plt\nplt.rcParams['font.size'] = 3\nplt.plot(other(1))",
        "def g(x): return jax.__dict__['numpy'](other(1)), jax.__dict__.get('lax')",
        "def g():\n    jax.config.x = 3\n    return other(1), locals()",
        "from jax.lax import conv as f\ndef f(x): return x",
        "class A:\n    def g(self):\n        self.c = other\n        vars(self)['d'] = 3",
    ],
)
def test_what_rebinds_nothing_is_free(text):
    assert forbidden_use(program(FOUND + text), ("f",), ("jax.lax.conv*",)) is None


@pytest.mark.parametrize(
    "text",
    [
        "from a import *\n" * 900 + "def f():\n" + " b;" * 900 + "\n",
        "".join(f"from a{k} import *\n" for k in range(900)) + "def f():\n" + " b;" * 900 + "\n",
        "".join(f"import m{k}\nL = m{k}\n" for k in range(9))
        + "def f():\n"
        + f" L{'.x' * 90}\n" * 300,
        f"from {'a' * 50_000} import {', '.join(f'b{k}' for k in range(9000))}\n",
        f"x = {'lambda: ' * 150} [{'a, ' * 9000}]\ndef f(): return x",
    ],
)
def test_a_program_of_endless_names_takes_no_time(text):
    began = time.process_time()
    try:
        found = program(text)
        forbidden_use(found, ("f",), ("lib.conv2d", "jax.lax.conv*"))
        found.lost(("f",), {})
    except SubmissionError as error:
        assert "too often for the grader to look at" in str(error)
    assert time.process_time() - began < 3
