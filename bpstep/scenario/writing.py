"""A scenario as the text of a file: what the loader reads, written.

    document = scenario_document(load("xor"))      the tables of the file, as tomllib would give them
    text = toml_text(document)                     the same as TOML

Numbers are written in full, so that they read back to the same floats: a run of what is written is the run itself, to
the last bit.

    >>> print(toml_text({"title": "y = 2x", "expression": {"define": ["y = 2*x"], "inputs": {"x": 0.1}}}), end="")
    title = "y = 2x"
    <BLANKLINE>
    [expression]
    define = ["y = 2*x"]
    <BLANKLINE>
    [expression.inputs]
    x = 0.1
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bpstep.engine.specs import INPUTS, LayerSpec, NetworkSpec, TrainingSpec
from bpstep.scenario.model import Note, Scenario

__all__ = ["Document", "scenario_document", "toml_text"]

#: The tables of a scenario file: texts, numbers, lists and tables by their keys.
Document = dict[str, Any]

#: Lists of rows or texts that are longer than this have an item a line.
_WIDTH = 100


def scenario_document(scenario: Scenario) -> Document:
    """What a file would state that loads as this scenario; forward mode, which no file states, is not in it."""
    document: Document = {"format": 1, "title": scenario.title}
    for key in ("summary", "story", "source"):
        if getattr(scenario, key):
            document[key] = getattr(scenario, key)
    if scenario.notation != "bpstep":
        document["notation"] = scenario.notation
    if isinstance(scenario.problem, NetworkSpec):
        document |= _network(scenario.problem)
    else:
        from bpstep.scenario.restating import expression_document

        document |= expression_document(scenario.problem, scenario.stated)
    training = _training(scenario.training)
    if training:
        document["training"] = training
    if scenario.notes:
        document["note"] = [_note(note) for note in scenario.notes]
    return document


def _network(problem: NetworkSpec) -> Document:
    table: Document = {"inputs": _names(problem.inputs, "x{}"), "cost": problem.cost}
    if problem.input_gradients:
        table["input_gradients"] = True
    before = INPUTS
    table["layer"] = []
    for layer in problem.layers:
        table["layer"].append(_layer(layer, before))
        before = layer.name
    rows = zip(problem.x.tolist(), problem.t.tolist(), strict=True)
    return {"network": table, "sample": [{"input": x, "target": t} for x, t in rows]}


def _layer(layer: LayerSpec, before: str) -> Document:
    table: Document = {
        "name": layer.name,
        "neurons": _names(layer.neurons, f"{layer.name}_{{}}"),
        "activation": layer.activation,
    }
    if layer.sources != (before,):
        table["from"] = list(layer.sources)
    if layer.frozen:
        table["frozen"] = sorted(layer.frozen)
    table["weights"] = layer.weights.tolist()
    if layer.bias is not None:
        table["bias"] = layer.bias.tolist()
    return table


def _names(names: tuple[str, ...], pattern: str) -> list[str] | int:
    """A count, where it stands for these names."""
    counted = all(name == pattern.format(k) for k, name in enumerate(names, 1))
    return len(names) if counted else list(names)


def _training(training: TrainingSpec) -> Document:
    """What differs from the defaults."""
    usual = TrainingSpec()
    table: Document = {}
    if training.batch != usual.batch:
        table["batch"] = "full" if training.batch is None else training.batch
    for key in ("learning_rate", "reduction", "epochs", "shuffle", "l2"):
        if getattr(training, key) != getattr(usual, key):
            table[key] = getattr(training, key)
    if training.optimizer.settings:
        table["optimizer"] = {"name": training.optimizer.name, **dict(training.optimizer.settings)}
    elif training.optimizer != usual.optimizer:
        table["optimizer"] = training.optimizer.name
    return table


def _note(note: Note) -> Document:
    """A note, as it was written."""
    table: Document = {
        "at": note.at,
        "epoch": note.epoch,
        "sample": note.sample,
        "when": note.condition or None,
    }
    return {key: value for key, value in table.items() if value is not None} | {"say": note.text}


# --- TOML ---------------------------------------------------------------------------------------------


def toml_text(document: Mapping[str, Any]) -> str:
    """The text of some tables."""
    return "\n".join(_table(document, "")).lstrip("\n") + "\n"


def _table(table: Mapping[str, Any], path: str) -> Iterator[str]:
    """The keys of a table, and then the tables in it, each under its path."""
    inner = {key: value for key, value in table.items() if _is_table(value) or _is_tables(value)}
    yield from (f"{_key(key)} = {_value(value)}" for key, value in table.items() if key not in inner)
    for key, value in inner.items():
        here = f"{path}.{_key(key)}" if path else _key(key)
        head = f"[{here}]" if _is_table(value) else f"[[{here}]]"
        for one in [value] if _is_table(value) else value:
            yield from ("", head)
            yield from _table(one, here)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_table, value))


def _key(key: str) -> str:
    """A key bare where it may be: of ASCII letters, digits, ``_`` and ``-``."""
    return key if key.isascii() and key.replace("_", "a").replace("-", "a").isalnum() else _quoted(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        items = [_value(item) for item in value]
        line = f"[{', '.join(items)}]"
        if len(line) <= _WIDTH or not isinstance(value[0], list | str):
            return line
        return "[\n" + "".join(f"  {item},\n" for item in items) + "]"
    return repr(value)


def _text(text: str) -> str:
    """A text in quotation marks; of several lines in three of them, after a line end that does not count."""
    if "\n" not in text:
        return _quoted(text)
    return '"""\n' + "\n".join(_quoted(line)[1:-1] for line in text.split("\n")) + '"""'


def _quoted(text: str) -> str:
    """A text on one line, with escapes that TOML has from JSON, and one more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
