"""PyTorch in eager mode: the data as tensors in memory, a loop over shuffled batches."""

from collections.abc import Callable

import numpy as np

from benchmarks.programs import LEARNING_RATE, Program

MODULES = ("torch",)


def trainer(
    program: Program, images: np.ndarray, labels: np.ndarray, threads: int
) -> Callable[[], float]:
    """Builds the network; see the package's docstring."""
    import torch  # type: ignore[import-not-found]

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    layers, edge, depth = [], program.edge, program.colours
    for channels in program.channels:
        padding = 1 if program.padding == "SAME" else 0
        layers += [
            torch.nn.Conv2d(depth, channels, 3, padding=padding),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
        ]
        edge, depth = (edge - 2 + 2 * padding) // 2, channels
    layers += [
        torch.nn.Flatten(),
        torch.nn.Linear(edge * edge * depth, program.hidden),
        torch.nn.ReLU(),
        torch.nn.Linear(program.hidden, program.classes),
    ]
    model = torch.nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE)
    loss_function = torch.nn.CrossEntropyLoss()
    # Converted once, before timing starts.
    inputs = torch.from_numpy(images.transpose(0, 3, 1, 2).astype(np.float32) / 255)
    targets = torch.from_numpy(labels.astype(np.int64))

    def epoch() -> float:
        model.train()
        right = torch.zeros((), dtype=torch.int64)
        order = torch.randperm(len(inputs))
        for batch in order.split(program.batch_size):
            optimizer.zero_grad()
            logits = model(inputs[batch])
            loss = loss_function(logits, targets[batch])
            loss.backward()
            optimizer.step()
            right += (logits.argmax(1) == targets[batch]).sum()
        return int(right) / len(inputs)

    return epoch
