"""RapidOCR on the processor: detection, recognition and line direction by models that lie in its own package.

Nothing is downloaded: a model that is not in the package makes the engine unusable. One thread, so that the process
that loads it may be forked, and a child costs no more than one core.
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy
from rapidocr import RapidOCR
from rapidocr.ch_ppocr_rec import TextRecInput
from rapidocr.utils.process_img import get_rotate_crop_image

from services.validator.readers.ocr import Corner, Seen, SeenLine, SeenWord

_DETECTION_SIDE = 1280
_LINES_FOR_DIRECTION = 12
_TALL = 1.5
_LINE_CONFIDENCE_MIN = 0.5
_DIRECTION_SURE = 0.7


class EngineUnusable(RuntimeError):
    """The package is there, and its models are not."""

    code = "ocr_engine_unusable"


class RapidEngine:
    """The engine. Not for several threads at once."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self.name = f"rapidocr {version('rapidocr')}"
        whole = RapidOCR(
            params={
                "Global.log_level": "critical",
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.limit_type": "max",
                "Det.limit_side_len": _DETECTION_SIDE,
                "Det.model_path": _model("det"),
                "Rec.model_path": _model("rec"),
                "Cls.model_path": _model("cls"),
            }
        )
        # The parts are made at their first use; a line of text on white uses all three.
        sample = numpy.full((64, 320, 3), 255, numpy.uint8)
        cv2.putText(sample, "Total 12.50", (20, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2)
        whole(sample, use_det=True, use_cls=True, use_rec=True)
        self._detect, self._recognize, self._classify = whole.text_det, whole.text_rec, whole.text_cls
        if self._detect is None or self._recognize is None or self._classify is None:
            raise EngineUnusable("the models do not find a line of text")

    def see(self, pixels: numpy.ndarray, *, lines_max: int) -> Seen:
        """The text in an RGB picture. At most `lines_max` lines are recognized, from the top."""
        picture = numpy.ascontiguousarray(pixels[:, :, ::-1])
        boxes = self._detect(picture).boxes
        if boxes is None or len(boxes) == 0:
            return Seen((), 0)
        quads = [numpy.asarray(box, dtype=numpy.float32) for box in boxes[:lines_max]]
        crops = [get_rotate_crop_image(picture, quad.copy()) for quad in quads]
        kept = [(quad, crop) for quad, crop in zip(quads, crops, strict=True) if min(crop.shape[:2]) > 0]
        turns = self._turns_needed([quad for quad, _ in kept], [crop for _, crop in kept])
        if turns or not kept:
            return Seen((), turns)
        result = self._recognize(TextRecInput(img=[crop for _, crop in kept], return_word_box=True))
        lines = []
        for at, (quad, _) in enumerate(kept):
            if result.scores[at] >= _LINE_CONFIDENCE_MIN:
                words = _words(quad, result.txts[at], result.word_results[at])
                if words:
                    lines.append(SeenLine(words))
        return Seen(tuple(lines), 0)

    def _turns_needed(self, quads: list[numpy.ndarray], crops: list[numpy.ndarray]) -> int:
        """Quarter turns clockwise. Tall lines are words on their side; the crops were turned to read upward."""
        sizes = [_size(quad) for quad in quads]
        long_lines = [
            at for at, (width, height) in enumerate(sizes) if max(width, height) > 2 * min(width, height)
        ]
        if not long_lines:
            return 0
        tall = [at for at in long_lines if sizes[at][1] >= _TALL * sizes[at][0]]
        sideways = len(tall) > len(long_lines) / 2
        told = tall if sideways else [at for at in long_lines if at not in set(tall)]
        told = sorted(told, key=lambda at: -max(sizes[at]))[:_LINES_FOR_DIRECTION]
        answers = self._classify([crops[at] for at in told]).cls_res
        down = sum(score for label, score in answers if "180" in label)
        up = sum(score for label, score in answers if "180" not in label)
        upside_down = down > _DIRECTION_SURE * (down + up)
        # Turned counterclockwise to be read, a crop that then stands on its head needs the other turn.
        if sideways:
            return 1 if upside_down else 3
        return 2 if upside_down else 0


def _model(part: str) -> str:
    found = find_spec("rapidocr")
    folders = found.submodule_search_locations if found else None
    models = sorted(
        path for folder in folders or () for path in Path(folder, "models").glob(f"*_{part}_*.onnx")
    )
    models = models or sorted(
        path for folder in folders or () for path in Path(folder, "models").glob(f"*{part}*.onnx")
    )
    if not models:
        raise EngineUnusable(f"the package holds no model for {part}")
    return str(models[0])


def _size(quad: numpy.ndarray) -> tuple[float, float]:
    width = max(numpy.linalg.norm(quad[0] - quad[1]), numpy.linalg.norm(quad[3] - quad[2]))
    height = max(numpy.linalg.norm(quad[0] - quad[3]), numpy.linalg.norm(quad[1] - quad[2]))
    return float(width), float(height)


def _words(quad: numpy.ndarray, text: str, found: Any) -> tuple[SeenWord, ...]:
    """Words of one line: where their characters were decoded along it tells where they stand."""
    if not text.strip() or not found.words or not found.line_txt_len:
        return ()
    words: list[SeenWord] = []
    at = 0
    column = 1.0 / found.line_txt_len
    for characters, columns in zip(found.words, found.word_cols, strict=True):
        while at < len(text) and text[at].isspace():
            at += 1
        certain = found.confs[at : at + len(characters)]
        at += len(characters)
        pitch = (columns[-1] - columns[0]) / (len(columns) - 1) if len(columns) > 1 else 2.0
        start = max((columns[0] + 0.5 - pitch / 2) * column, 0.0)
        end = min((columns[-1] + 0.5 + pitch / 2) * column, 1.0)
        corners = (
            _between(quad[0], quad[1], start),
            _between(quad[0], quad[1], end),
            _between(quad[3], quad[2], end),
            _between(quad[3], quad[2], start),
        )
        words.append(SeenWord("".join(characters), corners, min(certain, default=0.0)))
    return tuple(words)


def _between(first: numpy.ndarray, last: numpy.ndarray, share: float) -> Corner:
    point = first + (last - first) * share
    return float(point[0]), float(point[1])
