"""Artwork as a print shop gets it: a beer label as PDF, in CMYK, with bleed and crop marks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from fpdf import FPDF
from fpdf.drawing_primitives import DeviceCMYK

TRIM_MM: Final = (90.0, 70.0)
BLEED_MM: Final = 3.0
MARGIN_MM: Final = 12.0
_NIGHT: Final = DeviceCMYK(1.0, 0.7, 0.1, 0.5)
_HOPS: Final = DeviceCMYK(0.6, 0.0, 0.9, 0.1)
_SUN: Final = DeviceCMYK(0.0, 0.25, 0.95, 0.0)
_PAPER: Final = DeviceCMYK(0.0, 0.0, 0.08, 0.0)
_BLACK: Final = DeviceCMYK(0.0, 0.0, 0.0, 1.0)


def label(version: int) -> bytes:
    """Return the PDF of the label's version; the same version gives the same bytes."""
    width, height = TRIM_MM
    page = FPDF(unit="mm", format=(width + 2 * MARGIN_MM, height + 2 * MARGIN_MM))
    page.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    page.set_auto_page_break(auto=False)
    page.set_title(f"Summer Ale, version {version}")
    page.add_page()
    left = top = MARGIN_MM
    page.set_fill_color(_NIGHT)
    page.rect(left - BLEED_MM, top - BLEED_MM, width + 2 * BLEED_MM, height + 2 * BLEED_MM, style="F")
    page.set_fill_color(_SUN)
    page.ellipse(left + width / 2 - 17, top + 6, 34, 34, style="F")
    page.set_fill_color(_HOPS)
    right, bottom = left + width + BLEED_MM, top + height + BLEED_MM
    field = [(left - BLEED_MM, top + 52), (left + 30, top + 34), (left + 60, top + 46), (right, top + 30)]
    page.polygon([*field, (right, bottom), (left - BLEED_MM, bottom)], style="F")
    page.set_text_color(_PAPER)
    page.set_font("Helvetica", "B", 24)
    page.set_xy(left, top + 46)
    page.cell(width, 12, "SUMMER ALE", align="C")
    page.set_font("Helvetica", "", 9)
    page.set_xy(left, top + 58)
    page.cell(width, 6, f"0.33 l   4.9 % vol   version {version}", align="C")
    _crop_marks(page)
    return bytes(page.output())


def _crop_marks(page: FPDF) -> None:
    width, height = TRIM_MM
    page.set_draw_color(_BLACK)
    page.set_line_width(0.1)
    for x in (MARGIN_MM, MARGIN_MM + width):
        page.line(x, 2, x, MARGIN_MM - BLEED_MM - 1)
        page.line(x, MARGIN_MM + height + BLEED_MM + 1, x, 2 * MARGIN_MM + height - 2)
    for y in (MARGIN_MM, MARGIN_MM + height):
        page.line(2, y, MARGIN_MM - BLEED_MM - 1, y)
        page.line(MARGIN_MM + width + BLEED_MM + 1, y, 2 * MARGIN_MM + width - 2, y)
