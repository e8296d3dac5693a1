"""What is painted on a PDF page around its text: evidence that a word cannot be seen.

Objects are walked once in painting order. A word is hidden when its text mode paints nothing, its color is that of
what lies under it, something opaque was painted over it, its clip leaves nothing, or it lies off the page. Where
geometry cannot tell (a picture below, a layer that may be switched off), the page is drawn once and the word's box is
looked at.
"""

from __future__ import annotations

import ctypes
import re
from typing import Any, NamedTuple, Protocol

import pypdfium2.raw as pdfium
from PIL import Image

Box = tuple[float, float, float, float]
_LAYER = re.compile(rb"/OC\s*(?:\d+\s+\d+\s+R|<<)")
_FORM_DEPTH_MAX = 8
_OBJECTS_PER_WORD = 5
_SEGMENTS_MAX = 400
_COVERED_SHARE = 0.6
_BAND_POINTS = 24.0
_ALPHA_OPAQUE = 230
_ALPHA_UNSEEN = 20
_CHANNEL_DIFFERENCE_UNSEEN = 24
_INK_DIFFERENCE = 24
_MODES_UNSEEN = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_MODE_STROKE = pdfium.FPDF_TEXTRENDERMODE_STROKE
_WHITE = (255, 255, 255)


class Frame(Protocol):
    """What painting needs to know of the displayed page."""

    @property
    def width(self) -> float:
        """The width as displayed."""
        ...

    @property
    def height(self) -> float:
        """The height as displayed."""
        ...

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """Where a rectangle of user space is displayed."""
        ...


class Bounds(Protocol):
    """Bounds of the walk and of drawing."""

    read_words_per_page_max: int
    render_pixels_max: int


class _Area(NamedTuple):
    """Something painted. `color` is None when it is a picture or shades; a shape that is not `solid` leaves gaps."""

    order: int
    box: Box
    color: tuple[int, int, int] | None
    clip: Box | None
    solid: bool = True


class _Text(NamedTuple):
    order: int
    hidden: tuple[str, ...]
    color: tuple[int, int, int] | None
    clip: Box | None
    layered: bool


Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def may_have_layers(content: bytes) -> bool:
    """Whether a drawing in the file names an optional-content group (keys stay readable in any PDF stream)."""
    return _LAYER.search(content) is not None


class Paint:
    """The painting order of one loaded page."""

    def __init__(self, page: Any, frame: Frame, limits: Bounds, has_layers: bool) -> None:
        self._page, self._frame, self._limits, self._has_layers = page, frame, limits, has_layers
        self._page_box: Box = (0.0, 0.0, frame.width, frame.height)
        self._areas: list[_Area] = []
        self._bands: dict[int, list[_Area]] | None = None
        self._pictures: list[Box] = []
        self._texts: dict[int, _Text] = {}
        self._unseen: dict[int, _Text] = {}
        self.objects = 0
        self._sides = [ctypes.c_float() for _ in range(4)]
        self._side_references = [ctypes.byref(side) for side in self._sides]
        self._channels = [ctypes.c_uint() for _ in range(4)]
        self._channel_references = [ctypes.byref(channel) for channel in self._channels]
        self._walk(page, pdfium.FPDFPage_CountObjects(page), pdfium.FPDFPage_GetObject, _IDENTITY, 0, False)

    @property
    def image_share(self) -> float:
        """The largest picture's share of the page."""
        page_area = self._frame.width * self._frame.height
        return max(
            (_area(_intersection(box, self._page_box)) / page_area for box in self._pictures), default=0.0
        )

    def evidence(self, source: Any, key: int, box: Box) -> tuple[tuple[str, ...], bool]:
        """Why the word in `box`, drawn by text object `source`, cannot be seen; and whether to look at the drawing."""
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = self._text(source, 1 << 30, self._has_layers)
        hidden = text.hidden
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if not (0 <= x <= self._frame.width and 0 <= y <= self._frame.height):
            hidden = (*hidden, "off_page")
        if text.clip is not None and _area(_intersection(box, text.clip)) < 0.2 * _area(box):
            hidden = (*hidden, "clipped")
        under: _Area | None = None
        for area in self._areas_near(y):
            if area.order < text.order:
                if area.box[0] <= x <= area.box[2] and area.box[1] <= y <= area.box[3]:
                    under = area
            elif area.solid and _covers(area, box):
                hidden = (*hidden, "covered")
                break
        ground = _WHITE if under is None else under.color
        if text.color is not None and ground is not None and _alike(text.color, ground):
            hidden = (*hidden, "color")
        return hidden, text.layered or ground is None

    def _areas_near(self, y: float) -> list[_Area]:
        """The areas whose height takes in a band of the page around `y`, in painting order."""
        if self._bands is None:
            self._bands = {}
            last = int(self._frame.height // _BAND_POINTS)
            for area in self._areas:
                first = max(int(area.box[1] // _BAND_POINTS), 0)
                for band in range(first, min(int(area.box[3] // _BAND_POINTS), last) + 1):
                    self._bands.setdefault(band, []).append(area)
        return self._bands.get(int(y // _BAND_POINTS), [])

    def shows_ink(self, boxes: list[Box]) -> list[bool]:
        """Draw the page once and tell for each box whether anything stands out in it."""
        if not boxes:
            return []
        scale = min(
            2.0, (self._limits.render_pixels_max / max(self._frame.width * self._frame.height, 1.0)) ** 0.5
        )
        width, height = max(int(self._frame.width * scale), 1), max(int(self._frame.height * scale), 1)
        bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_Gray, None, 0)
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
            pdfium.FPDF_RenderPageBitmap(bitmap, self._page, 0, 0, width, height, 0, pdfium.FPDF_GRAYSCALE)
            stride = pdfium.FPDFBitmap_GetStride(bitmap)
            pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)
        drawn = Image.frombuffer("L", (width, height), pixels, "raw", "L", stride, 1)
        return [_stands_out(drawn, box, scale) for box in boxes]

    def _walk(self, holder: Any, count: int, get: Any, matrix: Matrix, depth: int, layered: bool) -> None:
        for index in range(count):
            if self.objects >= _OBJECTS_PER_WORD * self._limits.read_words_per_page_max:
                return
            self.objects += 1
            item = get(holder, index)
            kind = pdfium.FPDFPageObj_GetType(item)
            if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                key = ctypes.cast(item, ctypes.c_void_p).value or 0
                self._texts[key] = self._text(item, self.objects, layered, matrix)
            elif kind == pdfium.FPDF_PAGEOBJ_PATH:
                self._path(item, matrix)
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                self._picture(item, matrix)
            elif kind == pdfium.FPDF_PAGEOBJ_SHADING:
                box = self._bounds(item, matrix)
                if box:
                    self._areas.append(_Area(self.objects, box, None, self._clip(item, matrix)))
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _FORM_DEPTH_MAX:
                inner = _product(self._matrix(item), matrix)
                marked = layered or self._has_layers or self._is_marked_layer(item)
                self._walk(
                    item,
                    pdfium.FPDFFormObj_CountObjects(item),
                    pdfium.FPDFFormObj_GetObject,
                    inner,
                    depth + 1,
                    marked,
                )

    def _text(self, item: Any, order: int, layered: bool, matrix: Matrix = _IDENTITY) -> _Text:
        mode = pdfium.FPDFTextObj_GetTextRenderMode(item)
        if mode in _MODES_UNSEEN:
            return _Text(order, ("render_mode",), None, None, False)
        read = pdfium.FPDFPageObj_GetStrokeColor if mode == _MODE_STROKE else pdfium.FPDFPageObj_GetFillColor
        color, alpha = self._color(read, item)
        hidden = ("color",) if alpha < _ALPHA_UNSEEN else ()
        clip = self._clip(item, matrix)
        return _Text(order, hidden, color, clip, layered or self._is_marked_layer(item))

    def _color(self, read: Any, item: Any) -> tuple[tuple[int, int, int] | None, int]:
        if not read(item, *self._channel_references):
            return None, 255
        red, green, blue, alpha = (channel.value for channel in self._channels)
        return (red, green, blue), alpha

    def _is_marked_layer(self, item: Any) -> bool:
        for index in range(min(max(pdfium.FPDFPageObj_CountMarks(item), 0), 8)):
            mark = pdfium.FPDFPageObj_GetMark(item, index)
            name = (ctypes.c_ushort * 16)()
            length = ctypes.c_ulong()
            if pdfium.FPDFPageObjMark_GetName(mark, name, 32, length) and bytes(name)[:6] == b"O\0C\0\0\0":
                return True
        return False

    def _path(self, item: Any, matrix: Matrix) -> None:
        mode, stroked = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDFPath_GetDrawMode(item, mode, stroked)
        if mode.value == pdfium.FPDF_FILLMODE_NONE:
            return
        box = self._bounds(item, matrix)
        if box is None or box[2] - box[0] < 4 or box[3] - box[1] < 4:
            return
        color, alpha = self._color(pdfium.FPDFPageObj_GetFillColor, item)
        if color is None or alpha < _ALPHA_OPAQUE or pdfium.FPDFPageObj_HasTransparency(item):
            return
        boxes = self._rectangles(item, _product(self._matrix(item), matrix))
        if not boxes:
            self._areas.append(_Area(self.objects, box, None, None, solid=False))
            return
        clip = self._clip(item, matrix)
        self._areas.extend(_Area(self.objects, each, color, clip) for each in boxes)

    def _rectangles(self, item: Any, matrix: Matrix) -> list[Box]:
        """The upright rectangles of a filled path; any other outline is left out, for it may not fill its box."""
        count = pdfium.FPDFPath_CountSegments(item)
        if not 4 <= count <= _SEGMENTS_MAX:
            return []
        outlines = _outlines((pdfium.FPDFPath_GetPathSegment(item, index) for index in range(count)), matrix)
        return [self._frame.box(*box) for box in map(_upright_rectangle, outlines) if box is not None]

    def _picture(self, item: Any, matrix: Matrix) -> None:
        box = self._bounds(item, matrix)
        if box is None:
            return
        self._pictures.append(box)
        if not pdfium.FPDFPageObj_HasTransparency(item):
            self._areas.append(_Area(self.objects, box, None, self._clip(item, matrix)))

    def _bounds(self, item: Any, matrix: Matrix) -> Box | None:
        if not pdfium.FPDFPageObj_GetBounds(item, *self._side_references):
            return None
        left, bottom, right, top = (side.value for side in self._sides)
        if matrix is not _IDENTITY:
            left, bottom, right, top = _mapped(matrix, left, bottom, right, top)
        return self._frame.box(left, bottom, right, top)

    def _matrix(self, item: Any) -> Matrix:
        matrix = pdfium.FS_MATRIX()
        if not pdfium.FPDFPageObj_GetMatrix(item, matrix):
            return _IDENTITY
        return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f

    def _clip(self, item: Any, matrix: Matrix) -> Box | None:
        """The box that an object's clip leaves, None when it is not clipped."""
        clip = pdfium.FPDFPageObj_GetClipPath(item)
        paths = pdfium.FPDFClipPath_CountPaths(clip) if clip else 0
        left = self._page_box
        for path in range(max(min(paths, 16), 0)):
            count = pdfium.FPDFClipPath_CountPathSegments(clip, path)
            if not 0 < count <= 64:
                continue
            segments = (pdfium.FPDFClipPath_GetPathSegment(clip, path, index) for index in range(count))
            points = [point for outline in _outlines(segments, matrix, curves=True) for point in outline]
            if points:
                xs, ys = [x for x, _ in points], [y for _, y in points]
                left = _intersection(left, self._frame.box(min(xs), min(ys), max(xs), max(ys)))
        return left if paths > 0 else None


def _outlines(segments: Any, matrix: Matrix, curves: bool = False) -> list[list[tuple[float, float]]]:
    """Closed outlines of a path in page space; an outline with a curve is dropped unless `curves`."""
    outlines: list[list[tuple[float, float]]] = []
    curved: set[int] = set()
    x, y = ctypes.c_float(), ctypes.c_float()
    for segment in segments:
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO or not outlines:
            outlines.append([])
        elif kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            curved.add(len(outlines) - 1)
        outlines[-1].append(_moved(matrix, x.value, y.value))
    return [outline for index, outline in enumerate(outlines) if curves or index not in curved]


def _upright_rectangle(outline: list[tuple[float, float]]) -> Box | None:
    corners = outline[:-1] if len(outline) == 5 and outline[0] == outline[-1] else outline
    if len(corners) != 4:
        return None
    xs, ys = sorted(x for x, _ in corners), sorted(y for _, y in corners)
    upright = xs[1] - xs[0] < 0.5 and xs[3] - xs[2] < 0.5 and ys[1] - ys[0] < 0.5 and ys[3] - ys[2] < 0.5
    return (xs[0], ys[0], xs[3], ys[3]) if upright else None


def _moved(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _mapped(matrix: Matrix, left: float, bottom: float, right: float, top: float) -> Box:
    corners = [_moved(matrix, x, y) for x in (left, right) for y in (bottom, top)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _product(first: Matrix, second: Matrix) -> Matrix:
    """The matrix that applies `first`, then `second`."""
    if second is _IDENTITY:
        return first
    a, b, c, d, e, f = first
    x, y = _moved(second, e, f)
    a2, b2, c2, d2, _, _ = second
    return a2 * a + c2 * b, b2 * a + d2 * b, a2 * c + c2 * d, b2 * c + d2 * d, x, y


def _intersection(one: Box, other: Box) -> Box:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _area(box: Box) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _covers(area: _Area, box: Box) -> bool:
    left, top, right, bottom = area.box
    if left > box[2] or right < box[0] or top > box[3] or bottom < box[1]:
        return False
    shown = area.box if area.clip is None else _intersection(area.box, area.clip)
    return _area(_intersection(shown, box)) > _COVERED_SHARE * _area(box)


def _alike(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < _CHANNEL_DIFFERENCE_UNSEEN for a, b in zip(one, other, strict=True))


def _stands_out(drawn: Image.Image, box: Box, scale: float) -> bool:
    left, top = max(int(box[0] * scale), 0), max(int(box[1] * scale), 0)
    right, bottom = min(int(box[2] * scale) + 1, drawn.width), min(int(box[3] * scale) + 1, drawn.height)
    if right <= left or bottom <= top:
        return False
    counts = drawn.crop((left, top, right, bottom)).histogram()
    shades = [shade for shade, count in enumerate(counts) if count]
    return shades[-1] - shades[0] > _INK_DIFFERENCE
