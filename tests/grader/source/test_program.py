"""What is read from a student's program without running it."""

import ast
import textwrap
from pathlib import Path

import pytest

from grader.source.forbidden import forbidden_use
from grader.source.program import Program
from grader.source.submission import Submission, SubmissionError


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
    # What is inherited, or written by a decorator, cannot be seen in the text.
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
