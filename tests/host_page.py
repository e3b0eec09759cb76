"""A page that shows our panels without JupyterLab: the front-end files, the real Python behind them, and no kernel.

For what is about our own page: a test takes a second here, and ten in JupyterLab. `host.html` keeps what
`frontend/host.js` asks of a host. What a panel sends comes to the test's own process, which answers at once: the
messages are those of ipywidgets, the values, texts and styles those that anywidget would be given. What JupyterLab
itself can break (its keys, opening, kernels, saving, several tabs, printing, trust) is not here.
"""

import ast
import base64
import json
import re
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import comm
from comm.base_comm import BaseComm
from ipywidgets import Widget
from ipywidgets.widgets.widget import _instances
from playwright.sync_api import BrowserContext, Locator, Page

from learner import LESSON, Person
from reseau_kit.learner import open_panels

_HTML = Path(__file__).with_name("host.html")
_ADDRESS = "http://127.0.0.1/"  # never asked: Playwright answers with the page
_OURS = re.compile(r"(activite|petit_monde|mes_reponses|carnet|ma_charte|mon_reseau|vraie_carte)\(.*\)")
_LOOKS = {"JupyterLab Light": "theme-light-extension", "JupyterLab Dark": "theme-dark-extension"}


class _Line(BaseComm):
    """Python's end of the line between a panel and its page."""

    def __init__(self, outbox: list[dict[str, Any]], **options: Any) -> None:
        self.outbox = outbox
        super().__init__(**options)

    def publish_msg(self, msg_type: str, data: Any = None, *_: Any, buffers: Any = None, **__: Any) -> None:
        parts = [base64.b64encode(part).decode("ascii") for part in buffers or ()]
        self.outbox.append({"id": self.comm_id, "type": msg_type, "data": data or {}, "parts": parts})


class Reader(Person):
    """Somebody before a page of ours, with a workspace of their own."""

    document = scroller = "main"

    def __init__(self, profile: BrowserContext, released: Path, root: Path) -> None:
        super().__init__(profile, released, root)
        self.look = next(iter(_LOOKS))
        self.faults: list[BaseException] = []
        self.path = self.folder / LESSON
        self._names: dict[str, Any] = {}
        self._lines: list[_Line] = []
        self._outbox: list[dict[str, Any]] = []
        profile.route(f"{_ADDRESS}**", lambda route: route.fulfill(path=_HTML, content_type="text/html"))
        profile.expose_binding("python", self._asked)

    # --- what is opened

    def open(self, path: str = LESSON, *, page: Page | None = None) -> Page:
        """Open a notebook of the workspace, with a Python of its own: its panels, without the text between them."""
        self.shut_kernels_down()
        return self._load(path, page)

    def _load(self, path: str, page: Page | None) -> Page:
        page = self.page = page or self.page
        self._leave()
        page.goto(_ADDRESS)
        self._dress()
        self.path, self._names = self.folder / path, {}
        cells = json.loads(self.path.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        notebook = {**self._file(self.path), "path": self.path.relative_to(self.root).as_posix(), "sources": sources}
        page.evaluate("notebook => host.open(notebook)", {**notebook, "metadata": notebook.pop("content")["metadata"]})
        self._run("from reseau_kit import *")
        for source in filter(_OURS.fullmatch, sources):
            self._show(self._run(source))
        return page

    def reload(self, page: Page | None = None) -> None:
        """Load the page anew, with the same Python behind it."""
        self._load(self.path.relative_to(self.folder).as_posix(), page)

    def restart_kernel(self) -> None:
        """Begin with a Python that has seen nothing yet, in the same page."""
        self.shut_kernels_down()
        self.reload()

    def shut_kernels_down(self) -> None:
        """Python forgets all it knew; the page goes on, and nobody hears it."""
        if not self.page.is_closed() and self._lines:
            self.page.evaluate("host.away = true")
        self._leave()
        open_panels.forget_folders()

    def type_code(self, code: str) -> Locator:
        """Run code as a cell does; the place of what its last line shows."""
        self._show(self._run(code))
        return self.page.locator("main > div").last

    @contextmanager
    def theme(self, name: str) -> Iterator[None]:
        """Open what is opened in the colours of that theme."""
        self.look = name
        yield

    def finish(self) -> None:
        """Leave nothing to the next test, and say what went wrong in Python."""
        self.profile.close()
        self.shut_kernels_down()
        if self.faults:
            raise self.faults[0]

    # --- Python

    def _run(self, code: str) -> Any:
        """What the last line of some code gives."""
        *lines, last = ast.parse(code).body
        with self._at_work():
            if not isinstance(last, ast.Expr):
                exec(compile(ast.Module([*lines, last], []), "<cellule>", "exec"), self._names)  # noqa: S102
                return None
            exec(compile(ast.Module(lines, []), "<cellule>", "exec"), self._names)  # noqa: S102
            return eval(compile(ast.Expression(last.value), "<cellule>", "eval"), self._names)  # noqa: S307

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """In the folder of the open document, as its kernel is."""
        before, comm.create_comm = comm.create_comm, self._new_line
        try:
            with chdir(self.path.parent):
                yield
        finally:
            comm.create_comm = before

    def _new_line(self, **options: Any) -> _Line:
        self._lines.append(_Line(self._outbox, **options))
        return self._lines[-1]

    def _show(self, panel: Widget | None) -> None:
        self._pass_on()
        if panel is not None:
            self.page.evaluate("id => host.show(id)", panel.model_id)

    def _leave(self) -> None:
        for panel in [_instances.get(line.comm_id) for line in self._lines]:
            if panel is not None:
                panel.close()
        self._lines.clear()
        self._outbox.clear()

    def _pass_on(self) -> None:
        """Tell the page what Python did by itself."""
        self.page.evaluate("messages => host.hear(messages)", self._messages())

    def _messages(self) -> str:
        """What Python has to say to the page, as JSON."""
        said = json.dumps(self._outbox)
        self._outbox.clear()
        return said

    def _asked(self, _: object, action: str, what: dict[str, Any]) -> Any:
        """Do what the page asks for."""
        try:
            return getattr(self, f"_{action}")(**what)
        except Exception as fault:
            self.faults.append(fault)
            raise

    def _tell(self, id: str, data: str) -> str:
        line = comm.get_comm_manager().get_comm(id)
        if line is not None:
            with self._at_work():
                line.handle_msg({"content": {"data": json.loads(data)}, "buffers": []})
        return self._messages()

    # --- files

    def _file(self, path: Path) -> dict[str, Any]:
        moment = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
        return {"last_modified": moment, "content": json.loads(path.read_text(encoding="utf-8"))}

    def _read(self, path: str) -> dict[str, Any]:
        return self._file(self.root / path)

    def _write(self, path: str, content: str) -> dict[str, Any]:
        (self.root / path).write_text(content, encoding="utf-8")
        return {"last_modified": self._file(self.root / path)["last_modified"]}

    def _save(self, path: str, metadata: str) -> dict[str, Any]:
        notebook = self._file(self.root / path)["content"]
        return self._write(path, json.dumps({**notebook, "metadata": json.loads(metadata)}))

    # --- looks

    def _dress(self) -> None:
        folder = Path(sys.prefix) / "share" / "jupyter" / "lab" / "themes" / "@jupyterlab" / _LOOKS[self.look]
        self.page.evaluate(
            """([css, name]) => {
                document.getElementById("look").textContent = css;
                document.body.dataset.jpThemeLight = String(name.endsWith("Light"));
                document.body.dataset.jpThemeName = name;
            }""",
            [(folder / "index.css").read_text(encoding="utf-8"), self.look],
        )
