"""Errors of Optax, and of the loop around it."""

from grader.judge.errors.entry import Entry

TREES = r"^ValueError: (?:pytree structure error|.*[Mm]ismatch|Expected )"

ENTRIES = (
    Entry(
        "update_without_state",
        r"^TypeError: \w+\.<locals>\.update_fn\(\) missing \d+ required positional arguments?: "
        r"'(?:state|updates)",
        "Your code calls the optimizer's update without its state.",
        "Write updates, opt_state = optimizer.update(grads, opt_state, params).",
    ),
    Entry(
        "update_without_params",
        r"^ValueError: You are using a transformation that requires the current value of param",
        "This optimizer needs the parameters, and update did not get them.",
        "Pass them as the third argument: optimizer.update(grads, opt_state, params).",
    ),
    Entry(
        "state_of_another_optimizer",
        r"^ValueError: The number of updates and states has to be the same in chain",
        "The state that update got does not come from this optimizer's init.",
        "Make it with opt_state = optimizer.init(params), and pass it second: "
        "optimizer.update(grads, opt_state, params).",
    ),
    Entry(
        "state_is_none",
        r"^TypeError: object of type 'NoneType' has no len\(\).*\n>.*\.update\(",
        "The optimizer's state is None.",
        "Make it with opt_state = optimizer.init(params), and keep what update returns.",
    ),
    Entry(
        "init_without_params",
        r"^TypeError: [\w.<>]*init_fn\(\) missing \d+ required positional arguments?: 'params'",
        "Your code calls the optimizer's init without the parameters.",
        "Write opt_state = optimizer.init(params).",
    ),
    Entry(
        "apply_updates_missing",
        r"^TypeError: apply_updates\(\) missing \d+ required positional arguments?:.*"
        r"\n>.*\boptax\.apply_updates\(",
        "optax.apply_updates takes two trees, but got one.",
        "Write params = optax.apply_updates(params, updates).",
    ),
    Entry(
        "updates_and_state",
        TREES + r".*(?:<class 'tuple'>|tuple).*\n>.*\bapply_updates\(",
        "The second argument of apply_updates is a tuple, not a tree like the parameters: update "
        "returns a pair, and an optimizer's state is a tuple, too.",
        "Unpack the pair and apply its first item: updates, opt_state = optimizer.update(…).",
    ),
    Entry(
        "apply_updates_trees",
        TREES + r".*\n>.*\bapply_updates\(",
        "The updates and the parameters have different structures.",
        "Apply the first result of update to the parameters whose gradients it got: params = "
        "optax.apply_updates(params, updates).",
    ),
    Entry(
        "update_trees",
        TREES + r".*\n>.*(?:\.update|\.apply_gradients)\(",
        "The gradients, the optimizer state and the parameters have different structures.",
        "value_and_grad returns the value first, then the gradients. opt_state comes from "
        "optimizer.init of these parameters.",
    ),
    Entry(
        "gradients_for_update",
        r"^TypeError: unsupported operand type\(s\) for .*'dict'.*\n>(?!.* [-+*/] ).*"
        r"(?:\.update|\.apply_gradients)\(",
        "The optimizer got a number where it needs a tree, or a tree where it needs a number: the "
        "gradients, the learning rate or the state.",
        "value_and_grad returns the value first, then the gradients. optax.sgd takes the learning "
        "rate, not the parameters.",
    ),
    Entry(
        "parameters_for_rate",
        r"^TypeError: unsupported operand type\(s\) for .*'dict'.*\n>(?!.* [-+*/] ).*"
        r"\boptax\.(?!apply_updates)\w+\(",
        "This Optax function got a dict where it takes a number.",
        "Make an optimizer with its learning rate alone, optax.sgd(0.01). Pass the parameters to "
        "its init.",
    ),
    Entry(
        "optimizer_method",
        r"^AttributeError: '(?:GradientTransformation\w*|MultiSteps)' object has no attribute "
        r"'(?P<name>\w{1,40})'",
        "An Optax optimizer has init and update, but no $name.",
        "Write updates, opt_state = optimizer.update(grads, opt_state, params), then params = "
        "optax.apply_updates(params, updates).",
    ),
    Entry(
        "optimizer_not_made",
        r"^AttributeError: 'function' object has no attribute '(?P<name>init|update|apply)'",
        "This is a function that makes an optimizer or a model, and your code has not called it.",
        "Call it first: optax.adam(0.001).$name(…), dense_model().$name(…).",
    ),
    Entry(
        "optimizer_is_text",
        r"^AttributeError: 'str' object has no attribute '(?:init|update)'",
        "This should be an optimizer or a model, and it is a string.",
        "Make one with Optax: optimizer = optax.adam(0.001).",
    ),
    Entry(
        "optimizer_capital",
        r"^AttributeError: module 'optax' has no attribute "
        r"'(?P<name>Adam|AdamW|Adamw|SGD|Sgd|RMSprop|RMSProp|Adagrad|Nadam|Lion)'",
        "optax has no $name: its optimizers are functions with lower-case names.",
        "Write optax.adam(0.001), optax.sgd(0.01) or optax.adamw(0.001).",
    ),
    Entry(
        "optimizer_rate_name",
        r"^TypeError: (?P<name>\w{1,40})\(\) got an unexpected keyword argument "
        r"'(?:lr|rate|alpha|params|weights)'.*\n>.*\boptax\.",
        "$name has no argument of this name.",
        "The learning rate is called learning_rate and comes first: optax.adam(0.001). Pass the "
        "parameters to init.",
    ),
    Entry(
        "optimizer_without_rate",
        r"^TypeError: (?P<name>\w{1,40})\(\) missing \d+ required positional arguments?: "
        r"'learning_rate'.*\n>.*\boptax\.(?P=name)\(",
        "Your code calls optax.$name without a learning rate.",
        "Pass one: optax.$name(0.001).",
    ),
    Entry(
        "chain_of_list",
        r"^AttributeError: 'list' object has no attribute '(?:init|update)'",
        "This should be one optimizer or one model, and it is a list.",
        "optax.chain takes its parts without square brackets: optax.chain(first, second). "
        "nn.Sequential makes one model from a list of layers.",
    ),
    Entry(
        "schedule_without_count",
        r"^TypeError: \w*schedule\.<locals>\.\w+\(\) missing \d+ required positional arguments?: "
        r"'(?:count|step)'",
        "An Optax schedule is a function of the step, and your code calls it without one.",
        "Pass the schedule itself to the optimizer, optax.adam(schedule), or call schedule(step).",
    ),
    Entry(
        "schedule_arguments",
        r"^TypeError: (?P<name>\w*(?:schedule|decay))\(\) missing \d+ required positional "
        r"arguments?: (?P<missing>[^\n]{1,120})\n>.*\boptax\.(?P=name)\(",
        "Your code calls $name without $missing.",
        "A schedule counts steps, not epochs: steps = epochs * batches per epoch.",
    ),
    Entry(
        "labels_not_whole",
        r"^TypeError: Expected the input to have a dtype that is a subdtype of .*integer",
        "This loss takes integer labels (n,), but got numbers of a different type.",
        "Pass the class numbers themselves, labels.astype(jnp.int32). For one-hot rows, use "
        "optax.softmax_cross_entropy.",
    ),
    Entry(
        "labels_as_column",
        r"^ValueError: indices and arr must have the same number of dimensions",
        "The labels must have one axis fewer than the logits.",
        "Logits (n, classes) need labels (n,): flatten a column with labels.reshape(-1).",
    ),
)
