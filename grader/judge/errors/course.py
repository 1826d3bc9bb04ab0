"""Errors of the course's own library, of images and files, and of what a task may not do."""

from grader.judge.errors.entry import Entry

ENTRIES = (
    Entry(
        "training_diverged",
        r"^TrainingDiverged: .*learning rate",
        "The loss became infinite or NaN.",
        "The learning rate is too large, or the images are not normalised. Try a tenth of the "
        "learning rate.",
    ),
    Entry(
        "callbacks_not_a_list",
        r"^TypeError: callbacks must be a list of callbacks",
        "callbacks= takes a list, and got something else.",
        "Put square brackets around it, even around a single callback: "
        "callbacks=[StopAtAccuracy(0.9)].",
    ),
    Entry(
        "model_without_params",
        r"^TypeError: (?P<model>\w+) is a model without parameters",
        "$model only describes the computation; its parameters are stored separately.",
        "Create a state and pass that: state = lib.create_state(model, optimizer, images, key).",
    ),
    Entry(
        "state_frozen",
        r"^FrozenInstanceError: cannot assign to field '(?P<name>(?!stop_training)\w{1,60})'",
        "This object never changes, so you cannot set $name on it.",
        "Make a new one: state = state.replace($name=…). For a training step, "
        "state.apply_gradients(gradients) does that.",
    ),
    Entry(
        "optimizer_as_text",
        r"^TypeError: The optimizer must be one of Optax, .*; got '",
        "The optimizer is a string here, as in Keras.",
        "Make one with Optax: optax.adam(0.001).",
    ),
    Entry(
        "loss_as_text",
        r"^TypeError: The loss must be a function, .*; got '",
        "The loss is a string here, as in Keras.",
        "Pass the function itself, without brackets: loss=lib.softmax_cross_entropy.",
    ),
    Entry(
        "no_whole_picture",
        r"^UnidentifiedImageError: |image file is truncated|broken data stream",
        "This file is not a complete image.",
        "Open and read it inside a try. In `except OSError`, note its name and continue with the "
        "next file.",
    ),
    Entry(
        "file_missing",
        r"^FileNotFoundError: .*: (?P<path>'[^'\n]{1,120}')",
        "$path does not exist, seen from the folder where your code runs.",
        "Use the path passed to the function: Path(folder) / name. os.listdir(folder) shows what "
        "is there.",
    ),
    Entry(
        "folder_for_file",
        r"^IsADirectoryError: .*: (?P<path>'[^'\n]{1,120}')",
        "$path is a folder, and you can open only files.",
        "Add the file's name: Path(folder) / name.",
    ),
    Entry(
        "file_exists",
        r"^FileExistsError: .*: (?P<path>'[^'\n]{1,120}')",
        "$path already exists.",
        "Allow that: path.mkdir(parents=True, exist_ok=True).",
    ),
    Entry(
        "file_closed",
        r"^ValueError: I/O operation on closed file",
        "Your code reads the file after its with block, which closes it.",
        "Indent the reading into the with block, or make a list there: rows = "
        "list(csv.reader(file)).",
    ),
    Entry(
        "not_allowed_here",
        r"^PermissionError: |Read-only file system",
        "You cannot read or write here.",
        "Write files in the working folder only.",
    ),
    Entry(
        "no_network",
        r"^(?:URLError|ConnectionError|ConnectionRefusedError|gaierror|MaxRetryError): "
        r"|Network is unreachable|Temporary failure in name resolution",
        "A connection failed: there is no network during grading.",
        "Work with the data passed to the function.",
    ),
    Entry(
        "reads_the_keyboard",
        r"^EOFError: EOF when reading a line",
        "input() waits for a keyboard, and there is none during grading.",
        "Take the value as an argument of the function.",
    ),
    Entry(
        "array_too_large",
        r"^MemoryError: |RESOURCE_EXHAUSTED|^_?ArrayMemoryError: ",
        "An array here needs more memory than is available.",
        "Check the shapes on this line: (n, 1) and (n,) broadcast to n × n numbers.",
    ),
)
