"""Colours: whether a text can be told from its ground."""

from __future__ import annotations

from tests.browser.page import Element


def contrast(of: Element, ground: Element) -> float:
    """How far two colours are apart, from 1 to 21; WCAG 2.2, 1.4.3."""
    bright, dark = sorted(
        (luminance(of.style("color")), luminance(ground.style("background-color"))), reverse=True
    )
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    red, green, blue, *_ = (float(part) for part in colour.split("(")[1].rstrip(")").split(","))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (red / 255, green / 255, blue / 255)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
