"""How smoothly the interactive map moves, in the Chromium of this machine.

Prints one JSON line a size:

``{"bench": "map_fps", "n", "links", "seconds_to_draw", "fps", "median_ms", "p95_ms", "script_ms", "renderer", "load"}``

The page is the widget's own module, with the data that a notebook would give it, outside JupyterLab. While it is
measured, a mouse drags the map round and round. `fps` are the frames that the page got to draw, a second; `median_ms`
and `p95_ms` what they took. `script_ms` is what the page's own thread worked a frame, which is all there is of it where
a graphics card draws. `renderer` says what drew: « SwiftShader » is the processor alone, as on a machine without a
screen, and the frames then depend on its cores and on what else they do (`load`).

    bench/map_fps.py [--sizes 150,10000] [--seconds 5] [--gpu]
"""

import argparse
import base64
import json
import os
import shutil
import sys

from playwright.sync_api import CDPSession, Page, Route, sync_playwright

from reseau_kit.explore.map_panel import MapPanel, Shown
from reseau_kit.network.map import build_map
from reseau_kit.network.synthetic import synthetic_contacts

ADDRESS = "http://carte.test/"

_PAGE = """<!doctype html><meta charset="utf-8"><style>body {{ margin: 0; background: #fff }} {css}</style>
<body data-jp-theme-light="true"><div id="map"></div><script type="module">
{module}
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer);
const data = {data};
for (const name of ["places", "groups", "links"]) data[name] = bytes(data[name]);
const model = {{ get: (name) => data[name], on() {{}}, off() {{}}, send() {{}} }};
window.begun = performance.now();
map.render({{ model, el: document.getElementById("map") }});
</script>"""

_MOVE = """async (seconds) => {
    const mouse = document.querySelector(".rk-stage .sigma-mouse");
    const { left, top, width, height } = mouse.getBoundingClientRect();
    const tell = (kind, turn) => {
        const clientX = left + width / 2 + 90 * Math.sin(turn);
        const clientY = top + height / 2 + 60 * (Math.cos(turn) - 1);
        mouse.dispatchEvent(new MouseEvent(kind, { clientX, clientY, button: 0, bubbles: true, cancelable: true }));
    };
    tell("mousedown", 0);
    const frames = [];
    const begun = performance.now();
    for (let last = begun; last - begun < 1000 * seconds; ) {
        tell("mousemove", (last - begun) / 400);
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        frames.push(now - last);
        last = now;
    }
    tell("mouseup", 0);
    const fps = Math.round((10_000 * frames.length) / (performance.now() - begun)) / 10;
    frames.sort((a, b) => a - b);
    const at = (share) => Math.round(10 * frames[Math.floor(share * (frames.length - 1))]) / 10;
    return { frames: frames.length, fps, median_ms: at(0.5), p95_ms: at(0.95) };
}"""

_RENDERER = """() => {
    const context = document.createElement("canvas").getContext("webgl2");
    const names = context?.getExtension("WEBGL_debug_renderer_info");
    return context && context.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : context.RENDERER);
}"""


def page_of(panel: MapPanel) -> str:
    """A page that shows the map, as a notebook would."""
    module = str(panel._esm).replace("export default {", "const map = {").replace("</script", "<\\/script")  # noqa: SLF001
    data = {"face": panel.face, "state": panel.state, "key": panel.key}
    data |= {name: base64.b64encode(getattr(panel, name)).decode() for name in ("places", "groups", "links")}
    return _PAGE.format(css=panel._css, module=module, data=json.dumps(data))  # noqa: SLF001


def worked(session: CDPSession) -> float:
    """Seconds that the page's thread ran scripts so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "ScriptDuration")


def measure(page: Page, panel: MapPanel, seconds: float) -> dict[str, object]:
    """Show the map, move it, and count."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=page_of(panel), content_type="text/html")

    page.route("**", answer)
    page.goto(ADDRESS)
    page.wait_for_selector("[data-drawn]", timeout=120_000)
    drawn = page.evaluate("(performance.now() - begun) / 1000")
    assert asked == [ADDRESS], f"the map asked the network for {asked[1:]}"
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.wait_for_timeout(1_000)
    before = worked(session)
    moved = page.evaluate(_MOVE, seconds)
    frames = moved.pop("frames")
    script = round(1000 * (worked(session) - before) / frames, 1)
    return {"seconds_to_draw": round(drawn, 2), **moved, "script_ms": script, "renderer": page.evaluate(_RENDERER)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default="150,10000")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--gpu", action="store_true", help="let Chromium use the graphics card, in a window")
    asked = parser.parse_args()
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        sys.exit("no Chromium: install it (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-background-networking"], headless=not asked.gpu
        )
        for size in map(int, asked.sizes.split(",")):
            people, links = synthetic_contacts(1, size)
            panel = MapPanel(build_map(people, links), Shown((), ()))
            page = browser.new_page(viewport={"width": 1180, "height": 900})
            figures = measure(page, panel, asked.seconds)
            load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
            print(json.dumps({"bench": "map_fps", "n": size, "links": len(links), **figures, "load": load}))
            sys.stdout.flush()
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
