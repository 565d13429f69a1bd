"""The ``[training]`` of a file: checked, and as the engine's `TrainingSpec`."""

from __future__ import annotations

from typing import Any

from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.specs import OptimizerSpec, TrainingSpec
from bpstep.scenario.problems import Report

__all__ = ["training_spec"]

#: What an expression takes of a training: it has no samples, and no weights.
_OF_EXPRESSIONS = ("learning_rate", "epochs", "optimizer")


def training_spec(table: object, kind: str, report: Report) -> TrainingSpec:
    """The training that a table states; the defaults where there is none."""
    if not isinstance(table, dict):
        return TrainingSpec()
    here = ("training",)
    if kind == "expression":
        for key in table:
            if key in TrainingSpec.__dataclass_fields__ and key not in _OF_EXPRESSIONS:
                allowed = ", ".join(_OF_EXPRESSIONS)
                report.add((*here, key), f"an expression does not take it; it takes {allowed}")
    batch = table.get("batch", 1)
    rate = table.get("learning_rate")
    return TrainingSpec(
        learning_rate=float(rate) if _is_number(rate) else None,  # type: ignore[arg-type]
        batch=None if batch == "full" else batch if isinstance(batch, int) and batch >= 1 else 1,
        reduction=str(table.get("reduction", "mean")),
        epochs=_whole(table.get("epochs"), 1),
        shuffle=_whole(table["shuffle"], 0) if "shuffle" in table else None,
        l2=float(table["l2"]) if _is_number(table.get("l2")) else 0.0,
        optimizer=_optimizer(table.get("optimizer", "sgd"), report),
    )


def _optimizer(value: object, report: Report) -> OptimizerSpec:
    if isinstance(value, str):
        return OptimizerSpec(value) if value in OPTIMIZERS else OptimizerSpec()
    if not isinstance(value, dict) or value.get("name") not in OPTIMIZERS:
        return OptimizerSpec()
    name = str(value["name"])
    settings: list[tuple[str, float | bool]] = []
    for key, setting in value.items():
        if key == "name":
            continue
        known = OPTIMIZERS[name].defaults
        if key not in known and key in _ALL_SETTINGS:
            says = f"it has {', '.join(known)}" if known else "it has no settings"
            report.add(("training", "optimizer", key), f'the optimizer "{name}" does not know it; {says}')
        elif isinstance(setting, int | float):
            settings.append((key, setting))
    return OptimizerSpec(name, tuple(settings))


_ALL_SETTINGS = {key for row in OPTIMIZERS.values() for key in row.defaults}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
