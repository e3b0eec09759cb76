/*
 * Shows the activities of a course notebook as soon as it is opened in JupyterLab or Notebook 7,
 * after the kernel restarts, and when one of our buttons asks for it.
 *
 * Written by hand and served as it stands: no build step. The last lines are the small Module
 * Federation container by which JupyterLab loads an extension.
 */
"use strict";
(() => {
  // SECURITY. A notebook is somebody else's file: running whatever it holds as soon as it is opened
  // would run a stranger's code. We run a cell only if its whole source is one of these two, which
  // import our own names and draw one thing of ours, and read no file but the course's; never loosen them.
  const IMPORT = /^from reseau_kit import [\w, ]+$/;
  const ACTIVITY = /^(activite\("[\w-]+"\)|petit_monde\("[a-zé]+"\)|(mes_reponses|carnet|ma_charte|mon_reseau|vraie_carte)\(\))$/;

  // For the same reason, names are never looked up in the notebook's own folder: a `reseau_kit.py`
  // (or `anywidget.py`) sent along with a notebook would be imported in place of the real one.
  const SAFE_PATH =
    '__import__("sys").path[:] = [p for p in __import__("sys").path' +
    ' if p not in ("", ".", __import__("os").getcwd())]';

  const PREPARING = "Préparation des activités…";
  const SLOW = "Python met du temps à démarrer. Patientez encore un peu…";
  const NO_KERNEL =
    "Python s’est arrêté ou n’a pas démarré. Vos réponses déjà enregistrées sont en sécurité. ";
  const FAILED =
    "Une activité n’a pas pu s’afficher. Vos réponses déjà enregistrées sont en sécurité. ";
  const RETRY = "Réessayer";
  const DEAD = ["dead", "terminating", "unknown"];
  const SLOW_AFTER_MS = 20000;
  // « Restart and run all » schedules its cells just after the kernel is idle: let it go first.
  const LET_OTHERS_RUN_MS = 400;

  const here = document.currentScript.src;

  // For each open document, whether each cell that the present kernel ran, or is running, succeeded (a promise).
  // Two views of a document share its cells: running them again would draw the first view's activities anew.
  const RUNS = new WeakMap();

  class CoursePanel {
    constructor(panel, { NotebookActions }, executor) {
      this.panel = panel;
      this.executor = executor;
      if (!RUNS.has(panel.context)) RUNS.set(panel.context, new WeakMap());
      panel.node.dataset.reseauKit = this.metadata.source ? "auteur" : "cours";
      // JupyterLab adds what it misses to a notebook that it opens: no change of the learner's.
      panel.context.model.dirty = false;
      this.notice = this.addNotice();
      this.markCells();
      this.ourCells().forEach((cell) => cell.toggleClass("rk-stale", !this.runs.has(cell.model)));

      const ofThisPanel = (handler) => (_, { notebook, cell }) => {
        if (notebook === panel.content) handler(cell);
      };
      const scheduled = ofThisPanel((cell) => this.runs.set(cell.model, Promise.resolve(true)));
      const executed = ofThisPanel((cell) => cell.removeClass("rk-stale"));
      const cleared = ofThisPanel((cell) => {
        // An activity without its output would be a blank in the page.
        if (this.runs.delete(cell.model) && this.isOurs(cell)) this.prepareSoon();
      });
      NotebookActions.executionScheduled.connect(scheduled);
      NotebookActions.executed.connect(executed);
      NotebookActions.outputCleared.connect(cleared);
      panel.disposed.connect(() => {
        NotebookActions.executionScheduled.disconnect(scheduled);
        NotebookActions.executed.disconnect(executed);
        NotebookActions.outputCleared.disconnect(cleared);
      });

      panel.model.cells.changed.connect(() => this.markCells());
      panel.node.addEventListener("reseau-kit:relancer", () => this.restart());
      this.watchKernel();
      this.prepare();
    }

    get runs() {
      return RUNS.get(this.panel.context);
    }

    get metadata() {
      return this.panel.model.getMetadata("reseau_kit");
    }

    isOurs(cell) {
      const source = cell.model.sharedModel.getSource();
      return cell.model.type === "code" && (IMPORT.test(source) || ACTIVITY.test(source));
    }

    ourCells() {
      return this.panel.content.widgets.filter((cell) => this.isOurs(cell));
    }

    markCells() {
      this.panel.content.widgets.forEach((cell) => cell.toggleClass("rk-cell", this.isOurs(cell)));
    }

    learnersPart() {
      const sources = this.panel.content.widgets.map((cell) => cell.model.sharedModel.getSource());
      return JSON.stringify([this.metadata, sources]);
    }

    addNotice() {
      const notice = document.createElement("div");
      notice.className = "rk-notice";
      notice.setAttribute("role", "status");
      notice.setAttribute("aria-live", "polite");
      this.panel.node.append(notice);
      return notice;
    }

    say(message, isProblem = false) {
      this.notice.classList.toggle("rk-problem", isProblem);
      this.notice.textContent = message;
      if (!isProblem) return;
      const button = document.createElement("button");
      button.textContent = RETRY;
      button.addEventListener("click", () => this.restart());
      this.notice.append(button);
    }

    watchKernel() {
      const { sessionContext } = this.panel;
      let isFresh = false;
      sessionContext.statusChanged.connect((_, status) => {
        if (status === "dead") {
          // Whoever asked for a start before this was known has not got one yet.
          if (this.isAsked) this.restart();
          else this.say(NO_KERNEL, true);
        }
        if (status === "restarting" || status === "autorestarting") isFresh = true;
        if (status === "idle" && isFresh) {
          isFresh = false;
          this.startAnew();
        }
      });
      let isFirst = !sessionContext.session?.kernel;
      sessionContext.kernelChanged.connect((_, { newValue }) => {
        if (!newValue) return;
        if (!isFirst) this.startAnew(); // the first start is the constructor's own
        isFirst = false;
      });
    }

    startAnew() {
      RUNS.set(this.panel.context, new WeakMap());
      this.prepareSoon();
    }

    prepareSoon() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.prepare(), LET_OTHERS_RUN_MS);
    }

    /** Runs, in order, our cells that the present kernel has not run yet. */
    async prepare() {
      const { panel, runs } = this;
      const { sessionContext } = panel;
      const isOver = () => panel.isDisposed || runs !== this.runs; // another kernel's turn by now
      const before = panel.context.model.dirty ? null : this.learnersPart();
      this.say(PREPARING);
      const slow = setTimeout(() => isOver() || this.say(SLOW), SLOW_AFTER_MS);
      try {
        await sessionContext.ready;
        const kernel = sessionContext.session?.kernel;
        if (!kernel) return this.say(NO_KERNEL, true);
        await kernel.info;
        const safePath = { code: SAFE_PATH, silent: true, store_history: false };
        await kernel.requestExecute(safePath).done;
        for (const cell of this.ourCells()) {
          if (isOver()) return;
          if (!runs.has(cell.model)) runs.set(cell.model, this.run(cell));
          if (!(await runs.get(cell.model))) return isOver() || this.say(FAILED, true);
          cell.removeClass("rk-stale");
        }
        if (isOver()) return;
        this.isAsked = false;
        this.say("");
      } catch (error) {
        // A kernel that restarts drops what it was asked, and is asked again once it is idle.
        console.warn("reseau-kit:", error);
      } finally {
        clearTimeout(slow);
        // Nor is drawing one: closing at once must not ask to save.
        if (!panel.isDisposed && before === this.learnersPart()) panel.context.model.dirty = false;
      }
    }

    /** Unlike NotebookActions.runCells, leaves the page where its reader has scrolled. */
    run(cell) {
      const { content, sessionContext } = this.panel;
      return this.executor.runCell({
        cell,
        notebook: content.model,
        notebookConfig: content.notebookConfig,
        sessionContext,
        onCellExecuted: () => {},
        onCellExecutionScheduled: () => {},
      });
    }

    /** Our button: whatever the kernel's state, ends with the activities shown. */
    async restart() {
      const { sessionContext } = this.panel;
      const kernel = sessionContext.session?.kernel;
      this.say(PREPARING);
      this.isAsked = !DEAD.includes(kernel?.status); // once it is known to be dead, one request is enough
      try {
        if (!kernel) await sessionContext.startKernel();
        else if (DEAD.includes(kernel.status)) {
          // The server may have closed this document's session: changing its kernel would then fail, in a dialog.
          await sessionContext.shutdown().catch(() => {});
          await sessionContext.changeKernel({ name: kernel.name });
        } else if (kernel.connectionStatus !== "connected") await kernel.reconnect();
        this.startAnew();
      } catch (error) {
        console.warn("reseau-kit:", error);
        this.say(NO_KERNEL, true);
      }
    }
  }

  const makePlugin = ({ INotebookCellExecutor, INotebookTracker, NotebookActions }) => ({
    id: "reseau-kit:activites",
    description: "Shows the activities of a course notebook when it is opened.",
    autoStart: true,
    requires: [INotebookTracker, INotebookCellExecutor],
    activate: (app, tracker, executor) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = new URL("style.css", here).href;
      document.head.append(link);
      const adopt = async (panel) => {
        await panel.context.ready;
        if (!panel.isDisposed && panel.model.getMetadata("reseau_kit")) {
          new CoursePanel(panel, { NotebookActions }, executor);
          // On a phone, or in large letters, the list of files would leave a few pixels to the lesson.
          if (window.innerWidth < 700) app.restored.then(() => app.shell.collapseLeft?.());
        }
      };
      tracker.forEach(adopt);
      tracker.widgetAdded.connect((_, panel) => adopt(panel));
    },
  });

  // What JupyterLab asks of an extension: `init` hands us its shared modules, `get` our own.
  let shared;
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["reseau-kit"] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const [offer] = Object.values(shared["@jupyterlab/notebook"]);
      const notebook = (await offer.get())();
      return () => ({ __esModule: true, default: makePlugin(notebook) });
    },
  };
})();
