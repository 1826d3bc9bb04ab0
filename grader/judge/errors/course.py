"""Errors of the course's own library, of pictures and files, and of what a task may not do."""

from grader.judge.errors.entry import Entry

ENTRIES = (
    Entry(
        "training_diverged",
        r"^TrainingDiverged: .*learning rate",
        "The loss became infinite or no number at all.",
        "The learning rate is too large, or the images were not normalised: try a tenth of it.",
    ),
    Entry(
        "callbacks_not_a_list",
        r"^TypeError: callbacks must be a list of callbacks",
        "callbacks= got something that is no list of callbacks.",
        "Put square brackets around it, even around a single one: callbacks=[StopAtAccuracy(0.9)].",
    ),
    Entry(
        "model_without_params",
        r"^TypeError: (?P<model>\w+) is a model without parameters",
        "$model says how to compute; the numbers that it learns are kept apart from it.",
        "Make a state and give that: state = lib.create_state(model, optimizer, images, key).",
    ),
    Entry(
        "state_frozen",
        r"^FrozenInstanceError: cannot assign to field '(?P<name>(?!stop_training)\w{1,60})'",
        "This object never changes, so $name cannot be set on it.",
        "Make a new one: state = state.replace($name=…); state.apply_gradients(gradients) does "
        "that for a step.",
    ),
    Entry(
        "optimizer_as_text",
        r"^TypeError: The optimizer must be one of Optax, .*; got '",
        "The optimizer is a text here, as Keras has it.",
        "Make one with Optax: optax.adam(0.001).",
    ),
    Entry(
        "loss_as_text",
        r"^TypeError: The loss must be a function, .*; got '",
        "The loss is a text here, as Keras has it.",
        "Give the function itself, without brackets: loss=lib.softmax_cross_entropy.",
    ),
    Entry(
        "no_whole_picture",
        r"^UnidentifiedImageError: |image file is truncated|broken data stream",
        "This file is no whole picture.",
        "Put opening and reading it into a try; in `except OSError` note its name, and go on with "
        "the next.",
    ),
    Entry(
        "file_missing",
        r"^FileNotFoundError: .*: (?P<path>'[^'\n]{1,120}')",
        "There is no $path, as seen from the folder in which the code runs.",
        "Use the path that the function is given: Path(folder) / name. os.listdir(folder) shows "
        "what is there.",
    ),
    Entry(
        "folder_for_file",
        r"^IsADirectoryError: .*: (?P<path>'[^'\n]{1,120}')",
        "$path is a folder, and only files can be opened.",
        "Join the file's name to it: Path(folder) / name.",
    ),
    Entry(
        "file_exists",
        r"^FileExistsError: .*: (?P<path>'[^'\n]{1,120}')",
        "$path is there already.",
        "Allow that: path.mkdir(parents=True, exist_ok=True).",
    ),
    Entry(
        "file_closed",
        r"^ValueError: I/O operation on closed file",
        "The file is read after its with block has ended, which closes it.",
        "Indent the reading into the with, or make a list there: rows = list(csv.reader(file)).",
    ),
    Entry(
        "not_allowed_here",
        r"^PermissionError: |Read-only file system",
        "Reading or writing is not allowed at this place.",
        "Files can be written in the working folder only.",
    ),
    Entry(
        "no_network",
        r"^(?:URLError|ConnectionError|ConnectionRefusedError|gaierror|MaxRetryError): "
        r"|Network is unreachable|Temporary failure in name resolution",
        "A connection failed: while grading there is no network.",
        "Work with the data that the function is given.",
    ),
    Entry(
        "reads_the_keyboard",
        r"^EOFError: EOF when reading a line",
        "input() waits for a keyboard, and there is none while grading.",
        "Take the value as an argument of the function.",
    ),
    Entry(
        "array_too_large",
        r"^MemoryError: |RESOURCE_EXHAUSTED|^_?ArrayMemoryError: ",
        "An array here needs more memory than there is.",
        "Check the shapes on this line: two that broadcast, (n, 1) and (n,), make n × n numbers.",
    ),
)
