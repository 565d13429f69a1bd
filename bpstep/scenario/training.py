"""The ``[training]`` of a file: checked, and as the engine's `TrainingSpec`."""

from __future__ import annotations

from dataclasses import asdict

from bpstep.engine.specs import OptimizerSpec, TrainingSpec
from bpstep.scenario.problems import Report
from bpstep.scenario.schema import OptimizerTable, TrainingTable

__all__ = ["training_spec"]

#: What an expression takes of a training, which has no weights; and what more where it has samples.
_OF_EXPRESSIONS = ("learning_rate", "epochs", "optimizer")
_WITH_SAMPLES = ("batch", "reduction", "shuffle")


def training_spec(
    table: TrainingTable | None, report: Report, *, of_expression: bool, has_samples: bool
) -> TrainingSpec:
    """The training that a table states; the defaults for what it leaves out, or what was refused."""
    if table is None:
        return TrainingSpec()
    if of_expression:
        takes = (*_OF_EXPRESSIONS, *(_WITH_SAMPLES if has_samples else ()))
        for name, value in asdict(table).items():
            if value is not None and name not in takes:
                allowed = ", ".join(takes)
                report.add(("training", name), f"an expression does not take it; it takes {allowed}")
    return TrainingSpec(
        learning_rate=table.learning_rate if table.learning_rate is None else float(table.learning_rate),
        batch=None if table.batch == "full" else int(table.batch or 1),
        reduction=table.reduction or "mean",
        epochs=table.epochs or 1,
        shuffle=table.shuffle,
        l2=float(table.l2 or 0.0),
        optimizer=_optimizer(table.optimizer),
    )


def _optimizer(stated: OptimizerTable | str | None) -> OptimizerSpec:
    if isinstance(stated, OptimizerTable):
        return OptimizerSpec(stated.name, tuple(stated.settings.items()))
    return OptimizerSpec(stated or "sgd")
