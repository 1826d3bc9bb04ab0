"""Errors of NumPy, and those that jax.numpy shares with it."""

from grader.judge.errors.entry import Entry

ENTRIES = (
    Entry(
        "index_out_of_bounds",
        r"^IndexError: index (?P<index>-?\d+) is out of bounds for axis (?P<axis>\d+) with size "
        r"(?P<size>\d+)",
        "Index $index is beyond axis $axis, which has length $size; the first index is 0.",
        "The last index is -1. To loop over all of them, use range(x.shape[$axis]).",
    ),
    Entry(
        "single_number_indexed",
        r"^IndexError: (?:invalid index to scalar variable"
        r"|[Tt]oo many indices.* 0-dimensional)",
        "You used square brackets on a single number.",
        "Leave out the brackets, or find where an array became a number: a sum, a mean, an index "
        "too many.",
    ),
    Entry(
        "indices_too_many",
        r"^IndexError: [Tt]oo many indices.* (?P<axes>\d+)-dimensional, but (?P<given>\d+)",
        "There are $given indices for an array with $axes axes.",
        "Print x.shape: it has one number for each axis, and each axis takes one index.",
    ),
    Entry(
        "axis_out_of_bounds",
        r"^(?:AxisError|ValueError): axis (?P<axis>-?\d+) is out of bounds for array of dimension "
        r"(?P<axes>\d+)",
        "There is no axis $axis: the array has $axes, counted from 0.",
        "Print x.shape; axis=-1 is the last one.",
    ),
    Entry(
        "read_only",
        r"^ValueError: assignment destination is read-only",
        "This NumPy array is a view of something that does not change, such as a JAX array or an "
        "image.",
        "Copy it first: x = np.array(x); or stay in JAX: x = x.at[index].set(value).",
    ),
    Entry(
        "integers_in_place",
        r"^_?UFunc\w*Error: Cannot cast ufunc '(?P<name>\w+)' output from dtype\('(?P<new>\w+)'\) "
        r"to dtype\('(?P<old>\w+)'\)",
        "The result is $new, and an array of $old cannot store it in place.",
        "Convert to floats first: x = x.astype(np.float32), or write x = x / 255 instead of x /= "
        "255.",
    ),
    Entry(
        "text_in_array",
        r"^(?:_?UFunc\w*Error|TypeError|ValueError): .*(?:dtype\('<U\d*'\)|string \w+ ufunc"
        r"|flexible type|[Uu]nsupported dtype '?<U"
        r"|interpreting argument to \w+ as a JAX value.*'numpy\.ndarray')",
        "This array holds strings or other objects, and you can compute only with numbers.",
        "Convert numbers read as text: np.array(rows, dtype=np.float32). Turn names into numbers "
        "with a dict or a list's index.",
    ),
    Entry(
        "rows_of_different_length",
        r"^(?:ValueError|TypeError): .*inhomogeneous shape",
        "The rows of this list have different lengths, so they cannot form an array.",
        "Print [len(row) for row in rows], or for images [image.shape for image in images].",
    ),
    Entry(
        "element_is_no_number",
        r"^ValueError: setting an array element with a sequence",
        "An element of a NumPy array holds one number, but got something else: several numbers, "
        "or a value that jit, grad or vmap traces.",
        "Print the shape of what you assign. Under jit, make the array with jnp: x = "
        "x.at[index].set(value).",
    ),
    Entry(
        "reshape_size",
        r"^(?:ValueError|TypeError): cannot reshape array of (?:shape \([\d, ]*\) \()?size "
        r"(?P<size>\d+)\)? into shape (?P<shape>\([\d, -]*\))",
        "$size numbers cannot fill the shape $shape.",
        "The product of the sizes must be the number of elements; -1 fills in the one that is "
        "left.",
    ),
    Entry(
        "transposed_axes",
        r"^(?:ValueError|TypeError): (?:axes don't match array"
        r"|transpose permutation isn't a permutation)",
        "transpose needs each axis of the array exactly once.",
        "Print x.shape, and name all its axes, counted from 0.",
    ),
    Entry(
        "joined_numbers",
        r"^ValueError: [Zz]ero-dimensional arrays cannot be concatenated",
        "concatenate joins arrays along an axis, but got something without axes.",
        "Put the arrays into one list, concatenate([a, b]). To join single numbers, use stack.",
    ),
    Entry(
        "joined_without_list",
        r"^TypeError: only integer scalar arrays can be converted to a scalar index.*\n>.*"
        r"\b(?P<name>concatenate|stack|vstack|hstack)\(",
        "$name takes one list of arrays; its second argument is the axis.",
        "Put square brackets around the arrays: $name([a, b]).",
    ),
    Entry(
        "joined_shapes",
        r"^(?:ValueError|TypeError): (?:all the input array|[Aa]ll input arrays must have the same "
        r"shape|Cannot concatenate arrays with)",
        "The shapes of the arrays that you join do not match.",
        "Print each .shape: for stack all must be equal, for concatenate all but the axis along "
        "which you join.",
    ),
    Entry(
        "truth_of_array",
        r"^ValueError: The truth value of an array with more than one element is ambiguous",
        "An array with several elements is neither true nor false, so if, and, or, not cannot use "
        "it.",
        "Say which you mean: (x > 0).all() or .any(). Element by element, use &, | and ~, with "
        "each side in brackets.",
    ),
    Entry(
        "numpy_alias_removed",
        r"^AttributeError: module 'numpy' has no attribute '(?P<name>float|int|bool|object|complex"
        r"|str)'",
        "numpy no longer has $name.",
        "Use Python's own $name, or a type with its size: np.float32, np.int32.",
    ),
    Entry(
        "index_not_whole",
        r"^(?:IndexError|TypeError): (?:only integers, slices|arrays used as indices must be"
        r"|Indexer must have integer)",
        "An index of an array is a whole number, a slice or a mask, and this is none of them.",
        "Divide with //, or convert: int(i), indices.astype(int).",
    ),
    Entry(
        "mask_of_another_shape",
        r"^IndexError: boolean index did not match",
        "The mask and the array that it selects from have different shapes.",
        "Print both .shape; make the mask from the same array: x[x > 0].",
    ),
    Entry(
        "shape_without_brackets",
        r"^TypeError: Cannot interpret '(?P<size>\d+)' as a data type",
        "The second argument is the type of the numbers, but got $size.",
        "Put the sizes in brackets: zeros((2, 3)).",
    ),
    Entry(
        "array_method_of_lists",
        r"^AttributeError: '?(?:[\w.]*ArrayImpl|\w*Tracer|numpy\.ndarray)'? object has no "
        r"attribute '(?P<name>append|extend|insert|remove|pop|index|count)'",
        "An array has no $name: its length is fixed.",
        "Collect the values in a list and make an array at the end: jnp.stack(values), or "
        "jnp.concatenate([x, y]).",
    ),
    Entry(
        "at_of_numpy",
        r"^AttributeError: 'numpy\.ndarray' object has no attribute 'at'",
        "This is a NumPy array; only JAX arrays have .at.",
        "Write jnp.asarray(x).at[index].set(value). Or write x[index] = value, since NumPy arrays "
        "can change.",
    ),
    Entry(
        "one_number_needed",
        r"^TypeError: [Oo]nly (?:0-dimensional|length-1|scalar|size-1) arrays can be converted to "
        r"Python scalars",
        "float() and int() take one number, but got an array of several.",
        "Pick one, x[0], or reduce them: x.mean(). x.astype(…) converts them all.",
    ),
    Entry(
        "index_of_several",
        r"^TypeError: [Oo]nly integer scalar arrays can be converted to a scalar index",
        "Python needs one whole number here, such as a list's index, but got an array.",
        "Index an array instead of a list, jnp.asarray(values)[indices], or use one number.",
    ),
    Entry(
        "whole_number_too_large",
        r"^OverflowError: Python integer (?P<value>-?\d{1,40}) out of bounds for (?P<type>\w+)",
        "$value does not fit into $type.",
        "uint8 holds 0 to 255; use a larger type, such as np.int32.",
    ),
    Entry(
        "gradient_of_one_argument",
        r"^TypeError: iteration over a 0-d array.*\n>.*,.*=.*grad\(",
        "jax.grad gives only the gradient of the first argument, and this line needs several.",
        "For the first two, write jax.grad(loss, argnums=(0, 1)).",
    ),
    Entry(
        "overflow",
        r"^OverflowError: (?:\(34, |math range error|cannot convert float infinity)",
        "A number is too large for a float.",
        "Print the numbers of the first steps. If training diverges, try a smaller learning rate.",
    ),
    Entry(
        "single_number_looped",
        r"^TypeError: (?:iteration over a 0-d array|len\(\) of unsized object)",
        "This is a single number: it has no length, and you cannot loop over it or unpack it.",
        "Print its .shape, (): a sum, a mean or an index may have turned an array into one number.",
    ),
)
