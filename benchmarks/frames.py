"""The strip of frames in the README: the page while the lookback is dragged.

python -m benchmarks.frames
"""

from __future__ import annotations

import io
import shutil
import sys

from PIL import Image
from playwright.sync_api import sync_playwright

from benchmarks.in_browser import FLAGS, OFFLINE, ROOT, SIMULATED, page_at, wait_for_charts
from benchmarks.servers import started

TARGET = ROOT / "docs" / "pictures" / "dragging.png"
LOOKBACKS = (20, 60, 150, 330)
SHOWN = {"x": 60, "y": 70, "width": 1320, "height": 770}  # from the scrubber to the last chart
WIDTH = 760  # of one frame, pixels


def main() -> None:
    """Drag to each lookback and put the pictures side by side, two in a row."""
    found = shutil.which("chromium")
    if found is None:
        sys.exit("no Chromium on PATH; nothing to take pictures with")
    frames = []
    with (
        sync_playwright() as playwright,
        started(ROOT / "app.py", folder=ROOT, environment=OFFLINE) as server,
    ):
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        with page_at(browser, f"{server.url}/?{SIMULATED}") as page:
            wait_for_charts(page)
            thumb = page.locator(".scrubber-range")
            thumb.hover()
            page.wait_for_function("() => window.lookbackScrubber.film")
            box = thumb.bounding_box()
            if box is None:
                sys.exit("the scrubber is not on the page")
            y = box["y"] + box["height"] / 2
            page.mouse.move(box["x"] + 9 + (box["width"] - 18) * 50 / 355, y)
            page.mouse.down()
            for lookback in LOOKBACKS:
                page.mouse.move(box["x"] + 9 + (box["width"] - 18) * (lookback - 10) / 355, y, steps=8)
                page.wait_for_timeout(600)
                frames.append(Image.open(io.BytesIO(page.screenshot(clip=SHOWN))))  # type: ignore[arg-type]
            page.mouse.up()
        browser.close()
    height = round(WIDTH * SHOWN["height"] / SHOWN["width"])
    sheet = Image.new("RGB", (2 * WIDTH + 8, 2 * height + 8), "#c9ced6")
    for number, frame in enumerate(frames):
        small = frame.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
        sheet.paste(small, ((number % 2) * (WIDTH + 8), (number // 2) * (height + 8)))
    sheet.quantize(256, method=Image.Quantize.MAXCOVERAGE).save(TARGET, optimize=True)
    print(TARGET)


if __name__ == "__main__":
    main()
