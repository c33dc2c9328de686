#!/usr/bin/env python3
"""Does a report page draw its plots, in a browser, from a file, without a word in the console?

usage: page_test.py [KEEP]     (KEEP: a folder for the pages and their pictures, to be looked at)
"""
import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from browser import Browser, program
from png import Picture

BIN = pathlib.Path(os.environ.get("ORIEL_BIN", pathlib.Path(__file__).resolve().parents[2] / "build/dev/bin"))
SKIPPED = 77
WIDTH = 1140
PIXELS_MIN = 40      # of one series in its plot: most of a dashed line
DISTANCE_MAX = 60    # between a series' colour and a pixel of its line, over all three channels
keep = None


class Parts(html.parser.HTMLParser):
    """Figures with their attributes, the page's height, texts of verdicts."""

    def __init__(self, text):
        super().__init__()
        self.figures, self.body, self.verdicts, self.addresses = [], {}, [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "figure":
            self.figures.append(attributes)
        elif tag == "body":
            self.body = attributes
        elif tag == "td" and attributes.get("class") in ("met", "unmet"):
            self.verdicts.append(attributes["class"])
        self.addresses += [value for name, value in attributes.items() if name in ("src", "href")]


def rgb(colour):
    return tuple(int(colour[i:i + 2], 16) for i in (1, 3, 5))


def pixels_like(counts, colour):
    wanted = rgb(colour)
    return sum(n for pixel, n in counts.items() if sum(abs(a - b) for a, b in zip(pixel, wanted)) <= DISTANCE_MAX)


class PageCase(unittest.TestCase):
    def open(self, name, *words):
        if keep:
            self.folder = pathlib.Path(keep)
            self.folder.mkdir(parents=True, exist_ok=True)
        else:
            made = tempfile.TemporaryDirectory(prefix="oriel-report-")
            self.addCleanup(made.cleanup)
            self.folder = pathlib.Path(made.name)
        page = self.folder / f"{name}.html"
        done = subprocess.run([BIN / "oriel", "lab", *words, "--report", page], capture_output=True, text=True, timeout=240)
        self.assertEqual(done.returncode, 0, done.stderr)
        browser = Browser(page, WIDTH)
        self.parts = Parts(browser.dom())
        self.assertEqual(browser.complaints, [], "what the console said")
        self.plots = json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.DOTALL).group(1))["plots"]
        picture = self.folder / f"{name}.png"
        browser.screenshot(picture, int(self.parts.body["data-height"]))
        self.picture = Picture(picture)

    def check_plots(self):
        self.assertEqual(len(self.parts.figures), len(self.plots))
        for plot, figure in zip(self.plots, self.parts.figures):
            left, top, width, height = map(int, figure["data-box"].split())
            self.assertGreater(width * height, 100_000, plot["title"])
            counts = self.picture.colours(left, top, width, height)
            for series, colour in zip(plot["series"], figure["data-colours"].split(), strict=True):
                with self.subTest(plot=plot["title"], series=series["name"]):
                    self.assertGreater(pixels_like(counts, colour), PIXELS_MIN)

    def test_compat(self):
        self.open("compat", "compat", "--modes", "default,autotuning-vista,autotuning-xp", "--paths",
                  "clean,scale-blind-gateway,field-obeying-peer")
        self.assertEqual(len(self.plots), 5)
        self.check_plots()
        self.assertEqual(self.parts.addresses, [])
        self.assertGreater(len(self.parts.verdicts), 10)
        self.assertNotIn("unmet", self.parts.verdicts)

    def test_longfat(self):
        self.open("longfat", "longfat", "--modes", "normal,no-scaling,autotuning-vista", "--rate", "200mbit", "--seconds", "5")
        self.assertEqual(len(self.plots), 3)
        self.check_plots()

    def test_backlog(self):
        self.open("backlog", "backlog", "--senders", "fixed,isb-change,dynamic", "--rate", "50mbit", "--queue", "300kb")
        self.assertEqual(len(self.plots), 5)
        self.check_plots()
        self.assertEqual(self.parts.addresses, [])
        self.assertNotIn("unmet", self.parts.verdicts)
        levels = {max(series["values"]) for plot in self.plots[:2] for series in plot["series"]
                  if series["name"] == "bandwidth-delay product"}
        self.assertEqual(levels, {608333}, "50 Mbit/s of packets of 1,500 bytes, 1,460 of them payload, for 100 ms")


if __name__ == "__main__":
    if not (BIN / "oriel").exists():
        sys.exit(f"{BIN}/oriel is not built, or ORIEL_BIN names another folder")
    if not program():
        print("skipped: there is no chromium")
        sys.exit(SKIPPED)
    words = sys.argv[1:]
    if words and "/" in words[0]:
        keep = words.pop(0)
    unittest.main(argv=[sys.argv[0], *words], verbosity=2)
