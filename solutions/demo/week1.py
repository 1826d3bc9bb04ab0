"""Week 1 in one run: the line, the houses, Celsius to Fahrenheit, and the learning rate."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
import optax

import lib
from lib.plots import BLUE, DARK, GREY, ORANGE, new_figure, quiet
from solutions import week1
from solutions.demo.stage import Stage, parser

CELSIUS = np.array([-40, -10, 0, 8, 15, 22, 38], np.float32)
FAHRENHEIT = np.array([-40, 14, 32, 46, 59, 72, 100], np.float32)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the week and saves its figures.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      0, the exit status.
    """
    options = parser("week1", "Week 1: a program that learns its rule.").parse_args(arguments)
    stage = Stage("week1", options.save)
    _line(stage)
    _learning_rates(stage)
    _houses(stage)
    _celsius(stage)
    return 0


def _line(stage: Stage) -> None:
    stage.heading("A line: y = 2x − 1, learned from six points")
    x, y = week1.LINE_X, week1.LINE_Y
    figure = new_figure(6.5, 4)
    axes = figure.subplots()
    ends = np.array([-1.5, 4.5])
    for epochs, colour, style in ((2, GREY, ":"), (20, ORANGE, "--"), (500, BLUE, "-")):
        weight, bias, losses = week1.train_line(x, y, 0.01, epochs)
        print(
            f"after {epochs:3} epochs: y = {weight:6.3f}·x + {bias:6.3f}, loss {losses[-1]:9.6f}, "
            f"at x = 10: {weight * 10 + bias:5.2f}"
        )
        axes.plot(ends, weight * ends + bias, style, color=colour, label=f"{epochs} epochs")
    axes.plot(x, y, "o", color=DARK, label="examples")
    axes.set_xlabel("x (feature)")
    axes.set_ylabel("y (label)")
    axes.set_title("One neuron learns a line")
    axes.legend()
    quiet(axes)
    stage.save(figure, "line")
    params = week1.fit_line(x, y, jax.random.key(0))
    print(
        f"with Flax and Optax's Adam: kernel {float(params['kernel'][0, 0]):.3f}, "
        f"bias {float(params['bias'][0]):.3f}"
    )


def _learning_rates(stage: Stage) -> None:
    stage.heading("The learning rate: too small, good, too large")
    x, y = week1.LINE_X, week1.LINE_Y
    figure = new_figure(6.5, 4)
    axes = figure.subplots()
    for rate, colour, style in ((0.0001, GREY, ":"), (0.05, BLUE, "-"), (0.2, ORANGE, "--")):
        verdict = week1.judge_learning_rate(x, y, rate)
        losses = week1.train_line(x, y, rate, 100)[2]
        print(f"{rate:<6} {verdict:10} loss after 100 epochs: {losses[-1]:.3g}")
        axes.plot(losses, style, color=colour, label=f"{rate:g}: {verdict}")
    axes.set_yscale("log")
    axes.set_ylim(1e-4, 1e6)
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss (logarithmic)")
    axes.set_title("Three learning rates")
    axes.legend(loc="upper right")
    quiet(axes)
    stage.save(figure, "learning-rates")


def _houses(stage: Stage) -> None:
    stage.heading("House prices: 50,000 plus 50,000 per bedroom")
    for bedrooms in (3, 7):
        price = week1.house_price(week1.BEDROOMS, week1.PRICES, bedrooms)
        print(f"{bedrooms} bedrooms: {price:.2f} hundred thousand")


def _celsius(stage: Stage) -> None:
    stage.heading("Celsius to Fahrenheit from seven readings: F = 1.8·C + 32")
    x, y = CELSIUS[:, None], FAHRENHEIT[:, None]
    histories = {}
    for name, model in (("one neuron", lib.LinearRegression()), ("4-4-1", lib.celsius_net())):
        state = lib.create_state(
            model, optax.adam(0.1), x, jax.random.key(0), loss=lib.squared_error
        )
        state, history = lib.fit(state, x, y, epochs=500, batch_size=len(x), verbose=0)
        histories[name] = history["loss"]
        at_100 = float(lib.predict(state, np.array([[100.0]], np.float32))[0, 0])
        print(f"{name}: 100 °C is {at_100:.1f} °F (truth: 212), loss {history['loss'][-1]:.3f}")
        if name == "one neuron":
            bias, weight = (float(leaf.ravel()[0]) for leaf in jax.tree.leaves(state.params))
            print(f"  bias {bias:.2f}, weight {weight:.2f}")
        else:
            weights = state.params["dense1"]["kernel"].ravel()
            said = ", ".join(f"{float(weight):.2f}" for weight in weights)
            print(f"  first layer's weights: {said}; none is 1.8")
    figure = new_figure(6.5, 4)
    axes = figure.subplots()
    for (name, losses), colour, style in zip(
        histories.items(), (BLUE, ORANGE), ("-", "--"), strict=True
    ):
        axes.plot(losses, style, color=colour, label=name)
    axes.set_yscale("log")
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss (squared degrees)")
    axes.set_title("Celsius to Fahrenheit, Adam 0.1")
    axes.legend()
    quiet(axes)
    stage.save(figure, "celsius")
