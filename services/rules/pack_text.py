"""Reading YAML texts of rule packs: plain values with the line each one stands on.

Only what a pack needs is accepted: no aliases, no tags, no second document, no key twice, bounded size and depth.
Numbers with a point stay texts (money never passes through a float); `yes`, `no` and `on` are plain words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import yaml

TEXT_CHARS_MAX = 400_000
DEPTH_MAX = 16
NODES_MAX = 20_000
KEY_CHARS_MAX = 120

Plain = dict[str, Any] | list[Any] | str | int | bool | date | None


class PackInvalid(ValueError):
    """A rule pack (or its vocabulary) cannot be used. `file` and `line` say where, `reason` why."""

    code = "PACK_INVALID"

    def __init__(self, file: str, line: int, reason: str) -> None:
        self.file = file
        self.line = line
        self.reason = reason
        super().__init__(f"{file}, line {line}: {reason}")


@dataclass(frozen=True)
class Marked:
    """A value and where it stands. Maps and lists hold further marked values."""

    value: "dict[str, Marked] | list[Marked] | str | int | bool | date | None"
    file: str
    line: int

    def plain(self) -> Plain:
        """The value without its marks."""
        if isinstance(self.value, dict):
            return {key: inner.plain() for key, inner in self.value.items()}
        if isinstance(self.value, list):
            return [inner.plain() for inner in self.value]
        return self.value

    def at(self, path: tuple[int | str, ...]) -> "Marked":
        """The value at `path`, or the nearest one above it that exists."""
        here = self
        for step in path:
            if isinstance(here.value, dict) and step in here.value:
                here = here.value[str(step)]
            elif isinstance(here.value, list) and isinstance(step, int) and step < len(here.value):
                here = here.value[step]
        return here

    def merged(self, child: "Marked") -> "Marked":
        """This value overlaid with `child`: maps merge, lists and scalars replace, null deletes."""
        if not isinstance(self.value, dict) or not isinstance(child.value, dict):
            return child
        together = dict(self.value)
        for key, inner in child.value.items():
            if inner.value is None:
                together.pop(key, None)
            elif key in together:
                together[key] = together[key].merged(inner)
            else:
                together[key] = inner
        return Marked(together, child.file, child.line)

    def without_nulls(self) -> "Marked":
        """The same maps without the keys whose value is null."""
        if not isinstance(self.value, dict):
            return self
        kept = {key: inner.without_nulls() for key, inner in self.value.items() if inner.value is not None}
        return Marked(kept, self.file, self.line)


_Base: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[valid-type, misc]  # the same loader with libyaml's parser where it is built in
    """YAML without the surprises of version 1.1."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - the library's own shape


_RESOLVERS = (
    ("tag:yaml.org,2002:null", r"null|~|", ["n", "~", ""]),
    ("tag:yaml.org,2002:bool", r"true|false", ["t", "f"]),
    ("tag:yaml.org,2002:int", r"-?(0|[1-9][0-9]{0,17})", list("-0123456789")),
    ("tag:yaml.org,2002:timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", list("0123456789")),
)
for _tag, _pattern, _first in _RESOLVERS:
    _Loader.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})\Z"), _first)


class _Reader:
    """Turns one composed document, whose depth is known to be bounded, into marked values."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._nodes = 0

    def read(self, node: yaml.Node, line: int | None = None) -> Marked:
        line = line or node.start_mark.line + 1
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise PackInvalid(self._file, line, f"more than {NODES_MAX} values")
        if isinstance(node, yaml.MappingNode):
            return Marked(self._map(node), self._file, line)
        if isinstance(node, yaml.SequenceNode):
            return Marked([self.read(inner) for inner in node.value], self._file, line)
        return Marked(self._scalar(node, line), self._file, line)

    def _map(self, node: yaml.MappingNode) -> dict[str, Marked]:
        entries: dict[str, Marked] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or not isinstance(key, str):
                raise PackInvalid(self._file, line, "a key is one word or text")
            if not key or len(key) > KEY_CHARS_MAX:
                raise PackInvalid(self._file, line, f"a key has 1 to {KEY_CHARS_MAX} characters")
            if key in entries:
                raise PackInvalid(self._file, line, f"the key {key!r} stands here twice")
            entries[key] = self.read(value_node, line)
        return entries

    def _scalar(self, node: yaml.Node, line: int) -> str | int | bool | date | None:
        text = str(node.value)
        kind = node.tag.rpartition(":")[2]
        if kind == "null":
            return None
        if kind == "bool":
            return text == "true"
        if kind == "int":
            return int(text)
        if kind == "timestamp":
            try:
                return date.fromisoformat(text)
            except ValueError as error:
                raise PackInvalid(self._file, line, f"{text} is no day: {error}") from None
        return text


def _refuse_machinery(file: str, text: str) -> None:
    """Refuse aliases and tags before anything is built from them."""
    documents = depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = 1 if event.start_mark is None else event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise PackInvalid(file, line, "aliases are not allowed: write the value out")
        if isinstance(event, yaml.NodeEvent) and (event.anchor or getattr(event, "tag", None)):
            raise PackInvalid(file, line, "anchors and tags are not allowed: a pack is plain values")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise PackInvalid(file, line, f"nested more than {DEPTH_MAX} deep")
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise PackInvalid(file, line, "one file holds one document")


@lru_cache(maxsize=64)
def read_marked(file: str, text: str) -> Marked:
    """Read one YAML text into marked values; the top is a map. Raises PackInvalid."""
    if len(text) > TEXT_CHARS_MAX:
        raise PackInvalid(file, 1, f"longer than {TEXT_CHARS_MAX} characters")
    try:
        _refuse_machinery(file, text)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise PackInvalid(file, line, error.problem or "not YAML") from None
    except yaml.YAMLError as error:
        raise PackInvalid(file, 1, str(error).splitlines()[0]) from None
    if not isinstance(node, yaml.MappingNode):
        raise PackInvalid(file, 1, "the file is not a map of keys to values")
    return _Reader(file).read(node)


def reason_of(error: Mapping[str, Any]) -> str:
    """One sentence for an error of the model, without the model's own vocabulary."""
    where = ".".join(str(step) for step in error["loc"])
    last = error["loc"][-1] if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"unknown key {last!r}" + (f" (at {where})" if where != last else "")
    if error["type"] == "missing":
        return f"the key {last!r} is missing" + (f" (at {where})" if where != last else "")
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return f"{where}: {message}" if where else message
