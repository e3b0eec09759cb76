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
  // would run a stranger's code. We run a cell only if its whole source is an import of these names, none
  // of them under another, or the drawing of one thing of ours that reads no file but the course's and
  // writes none. Nothing that takes in, writes or erases answers may ever stand here.
  const DRAWN = {
    activite: '"[A-Za-z0-9_-]+"',
    petit_monde: '"[a-zé]+"',
    carnet: "",
    ma_charte: "",
    mes_reponses: "",
    mon_reseau: "",
    vraie_carte: "",
  };
  const IMPORTED = [...Object.keys(DRAWN), "repondre"];
  const NAME = `(?:${IMPORTED.join("|")})`;
  const CALL = Object.entries(DRAWN).map(([name, argument]) => `${name}\\(${argument}\\)`).join("|");
  const RUN_ON_OPENING = new RegExp(`^(?:from reseau_kit import ${NAME}(?:, ${NAME})*|${CALL})$`);

  // For the same reason, names are never looked up in the notebook's own folder: a `reseau_kit.py`
  // (or `anywidget.py`) sent along with a notebook would be imported in place of the real one.
  const SAFE_PATH =
    '__import__("sys").path[:] = [p for p in __import__("sys").path' +
    ' if p not in ("", ".", __import__("os").getcwd())]';

  // ipywidgets makes anew the widgets that a document's metadata hold, as soon as it is opened, and their
  // JavaScript runs: trust has no say in it, since a document without outputs is trusted once it is saved.
  const SAVED_WIDGETS = "widgets";

  // What learners handed in, where nbgrader and our own commands put it. A kernel that starts there runs the
  // modules that lie beside it, before anything of ours.
  const HANDED_IN = /(?:^|[/:])(?:submitted|autograded|remplaces|non-attribues)\//i;
  const HELD =
    "Ce document a été remis par une personne\u00a0: rien n’y est exécuté à l’ouverture. Pour le lire et le noter, " +
    "préférez formgrader. Si vous choisissez un noyau, son code et les fichiers à côté de lui pourront agir.";

  const PREPARING = "Préparation des activités…";
  const SLOW = "Python met du temps à démarrer. Patientez encore un peu…";
  const NO_KERNEL =
    "Python s’est arrêté ou n’a pas démarré. Vos réponses déjà enregistrées sont en sécurité. ";
  const FAILED =
    "Une activité n’a pas pu s’afficher. Vos réponses déjà enregistrées sont en sécurité. ";
  const SERVER_GONE =
    "Le serveur ne répond plus. Dès son retour, cette page se remettra en marche et lui enverra ce qui l’attend.";
  const SIGN_IN = "Le serveur est revenu, et demande de vous identifier à nouveau : rechargez cette page.";
  const RETRY = "Réessayer";
  const DEAD = ["dead", "terminating"];
  const SLOW_AFTER_MS = 20000;
  const ASK_SERVER_AFTER_MS = [500, 1000, 2000, 4000, 8000, 15000]; // the last one again and again
  // « Restart and run all » schedules its cells just after the kernel is idle: let it go first.
  const LET_OTHERS_RUN_MS = 400;

  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src;

  /** Has no document of this JupyterLab tell its saved widgets; the file keeps them. */
  function hideSavedWidgets({ NotebookModel }) {
    const { getMetadata } = NotebookModel.prototype;
    NotebookModel.prototype.getMetadata = function (key) {
      return key === SAVED_WIDGETS ? undefined : getMetadata.call(this, key);
    };
  }

  function addNotice(panel) {
    const notice = document.createElement("div");
    notice.className = "rk-notice";
    notice.setAttribute("role", "status");
    notice.setAttribute("aria-live", "polite");
    panel.node.append(notice);
    return notice;
  }

  // For each open document, whether each cell that the present kernel ran, or is running, succeeded (a promise).
  // Two views of a document share its cells: running them again would draw the first view's activities anew.
  const RUNS = new WeakMap();

  // Documents that wait for the server to come back: of several views of one, a single one waits.
  const WAITING = new WeakSet();

  const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  class CoursePanel {
    constructor(panel, { NotebookActions }, executor, services, dialogs) {
      this.panel = panel;
      this.executor = executor;
      this.services = services;
      this.dialogs = dialogs;
      if (!RUNS.has(panel.context)) RUNS.set(panel.context, new WeakMap());
      panel.node.dataset.reseauKit = this.metadata.source ? "auteur" : "cours";
      // JupyterLab adds what it misses to a notebook that it opens: no change of the learner's.
      panel.context.model.dirty = false;
      this.notice = addNotice(panel);
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

      panel.model.cells.changed.connect(() => {
        this.markCells();
        // Read from the disk again, a document has other cells than those that were run.
        const unrun = this.ourCells().filter((cell) => !this.runs.has(cell.model));
        unrun.forEach((cell) => cell.addClass("rk-stale"));
        if (unrun.length) this.prepareSoon();
      });
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
      return cell.model?.type === "code" && RUN_ON_OPENING.test(cell.model.sharedModel.getSource());
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
          else if (!this.isRestarting) this.sayNoKernel();
        }
        if (status === "restarting" || status === "autorestarting") isFresh = true;
        if (status === "idle" && isFresh) {
          isFresh = false;
          this.startAnew();
        }
      });
      sessionContext.kernelChanged.connect((_, { newValue }) => {
        if (!newValue) this.tellIfGone();
        else if (!this.isFirstTry) this.startAnew(); // the first start is the constructor's own
      });
      // Shut down from the list of kernels, a session goes without a word about its kernel.
      sessionContext.sessionChanged.connect((_, { newValue }) => newValue || this.tellIfGone());
      sessionContext.connectionStatusChanged.connect((_, status) => status === "connecting" && this.awaitServer());
    }

    /** The kernel that this document has, unless it is dead. */
    get kernel() {
      const kernel = this.panel.sessionContext.session?.kernel;
      return kernel && !DEAD.includes(kernel.status) ? kernel : null;
    }

    sayNoKernel() {
      if (!WAITING.has(this.panel.context)) this.say(NO_KERNEL, true);
    }

    /** « Aucun noyau », a kernel that was shut down: nothing will draw the activities until somebody asks for it. */
    async tellIfGone() {
      await later(0); // a session also goes where another one takes its place
      const { panel } = this;
      if (panel.isDisposed || this.isRestarting || panel.sessionContext.session?.kernel) return;
      if (panel.sessionContext.kernelDisplayStatus !== "initializing") this.sayNoKernel();
    }

    /** A connection is lost. Where the whole server is gone, goes on by itself when it is back. */
    async awaitServer() {
      const { context } = this.panel;
      if (WAITING.has(context)) return;
      WAITING.add(context);
      try {
        // A kernel alone may have been stopped on purpose: that is told, and left as it is.
        if ((await this.askServer()) < 500) return;
        this.say(SERVER_GONE);
        for (let turn = 0; ; turn += 1) {
          await later(ASK_SERVER_AFTER_MS[Math.min(turn, ASK_SERVER_AFTER_MS.length - 1)]);
          if (this.panel.isDisposed) return;
          const answer = await this.askServer();
          if (answer === 401 || answer === 403) return this.say(SIGN_IN);
          if (answer < 400) break;
        }
      } finally {
        WAITING.delete(context);
      }
      this.restart({ drawAnew: false });
    }

    /** The status of the server's answer to a question that anybody may ask; 503 where none comes. */
    async askServer() {
      const { serverSettings } = this.services;
      const headers = serverSettings.token ? { Authorization: `token ${serverSettings.token}` } : {};
      try {
        return (await fetch(new URL("api/status", serverSettings.baseUrl), { cache: "no-store", headers })).status;
      } catch {
        return 503;
      }
    }

    startAnew() {
      RUNS.set(this.panel.context, new WeakMap());
      this.prepareSoon();
    }

    prepareSoon() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.panel.isDisposed || this.prepare(), LET_OTHERS_RUN_MS);
    }

    /** Runs, in order, our cells that the present kernel has not run yet. */
    async prepare() {
      const { panel, runs } = this;
      const isOver = () => panel.isDisposed || runs !== this.runs; // another kernel's turn by now
      const before = panel.context.model.dirty ? null : this.learnersPart();
      this.say(PREPARING);
      const slow = setTimeout(() => isOver() || (this.kernel ? this.say(SLOW) : this.sayNoKernel()), SLOW_AFTER_MS);
      try {
        await this.firstTry();
        const { kernel } = this;
        if (!kernel) return this.sayNoKernel();
        await kernel.info;
        const safePath = { code: SAFE_PATH, silent: true, store_history: false };
        await kernel.requestExecute(safePath).done;
        for (const cell of this.ourCells()) {
          if (isOver()) return;
          if (!this.isOurs(cell)) continue; // it changed, or is gone, while those before it ran
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
        if (!isOver() && !this.kernel) this.sayNoKernel();
      } finally {
        clearTimeout(slow);
        // Nor is drawing one: closing at once must not ask to save.
        if (!panel.isDisposed && before === this.learnersPart()) panel.context.model.dirty = false;
      }
    }

    /** Wait until JupyterLab has got a kernel of its own accord, or knows that it will not: it then asks for one. */
    async firstTry() {
      const { sessionContext } = this.panel;
      if (sessionContext.session?.kernel || sessionContext.isReady) return;
      this.isFirstTry = true;
      try {
        // JupyterLab names the document's kernel and starts it in one go. To be asked first would start another one.
        const named = new Promise((resolve) => sessionContext.kernelPreferenceChanged.connect(resolve));
        await Promise.race([sessionContext.ready, named.then(() => sessionContext.initialize())]);
      } finally {
        this.isFirstTry = false;
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

    /**
     * Our button: whatever the kernel's state, ends with the activities drawn anew or with JupyterLab's choice of one.
     * By itself, after the server was gone, it leaves as they are the activities of a kernel that is still there.
     */
    async restart({ drawAnew = true } = {}) {
      if (this.isRestarting) return;
      this.isRestarting = true;
      this.say(PREPARING);
      try {
        if ((await this.askServer()) >= 500) return void this.awaitServer();
        // What the page believes of a kernel may be old.
        await Promise.all([this.services.sessions.refreshRunning(), this.services.kernels.refreshRunning()]);
        if (this.kernel && this.kernel.connectionStatus !== "connected") await this.kernel.reconnect();
        this.isAsked = Boolean(this.kernel); // should it turn out to be dead, asking once is enough
        if (!this.kernel) await this.getKernel();
        if (!this.kernel) this.sayNoKernel();
        else if (drawAnew) this.startAnew();
        else this.prepareSoon();
      } catch (error) {
        console.warn("reseau-kit:", error);
        if (!this.panel.isDisposed) this.say(NO_KERNEL, true);
      } finally {
        this.isRestarting = false;
      }
    }

    /** Whoever asks for a kernel gets one, whatever JupyterLab's settings say of starting them by itself. */
    async getKernel() {
      const { sessionContext } = this.panel;
      // The server may have closed this document's session: changing its kernel would then fail, in a dialog.
      await sessionContext.shutdown().catch(() => {});
      sessionContext.session?.dispose();
      const name = this.kernelName();
      // Where it cannot be started JupyterLab says why, and then lets the learner choose.
      if (name) await sessionContext.changeKernel({ name }).catch((error) => console.warn("reseau-kit:", error));
      if (!sessionContext.session?.kernel) await this.dialogs.selectKernel(sessionContext);
    }

    /** The kernel that this document ran last, or names, or else the server's Python; null where there is none. */
    kernelName() {
      const { sessionContext } = this.panel;
      const { kernelspecs = {}, default: usual } = this.services.kernelspecs.specs ?? {};
      const wanted = [sessionContext.prevKernelName, sessionContext.kernelPreference.name, usual];
      return [...wanted, ...Object.keys(kernelspecs)].find((name) => kernelspecs[name]?.language === "python") ?? null;
    }
  }

  const isHandedIn = (context) => HANDED_IN.test(context.path);

  /** Leaves it to who reads a submission to choose a kernel. */
  function hold(panel, context) {
    if (!isHandedIn(context)) return;
    const { sessionContext } = context;
    sessionContext.kernelPreference = { ...sessionContext.kernelPreference, shouldStart: false };
    const notice = addNotice(panel);
    context.ready.then(() => (notice.textContent = HELD));
  }

  const makePlugin = (
    { INotebookCellExecutor, INotebookTracker, NotebookActions },
    { ISessionContextDialogs, SessionContextDialogs },
  ) => ({
    id: "reseau-kit:activites",
    description: "Shows the activities of a course notebook when it is opened.",
    autoStart: true,
    requires: [INotebookTracker, INotebookCellExecutor],
    optional: [ISessionContextDialogs],
    activate: (app, tracker, executor, dialogs) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = new URL("style.css", here).href;
      document.head.append(link);
      const adopt = async (panel) => {
        if (isHandedIn(panel.context)) return;
        await panel.context.ready;
        if (!panel.isDisposed && panel.model.getMetadata("reseau_kit")) {
          const asks = dialogs ?? new SessionContextDialogs();
          new CoursePanel(panel, { NotebookActions }, executor, app.serviceManager, asks);
          // On a phone, or in large letters, the list of files would leave a few pixels to the lesson.
          if (innerWidth < 700) app.restored.then(() => app.shell.collapseLeft?.());
        }
      };
      // Called before a document is fetched, hence before its kernel would start.
      app.docRegistry.addWidgetExtension("Notebook", { createNew: hold });
      tracker.forEach(adopt);
      tracker.widgetAdded.connect((_, panel) => adopt(panel));
    },
  });

  // What JupyterLab asks of an extension: `init` hands us its shared modules, `get` our own.
  let shared;
  globalThis._JUPYTERLAB = globalThis._JUPYTERLAB || {};
  globalThis._JUPYTERLAB["reseau-kit"] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const load = (name) => Promise.all(Object.values(shared[name]).map(async (offer) => (await offer.get())()));
      // JupyterLab asks for all extensions before it activates any, and opens documents after that: whoever reads a
      // document's metadata comes later.
      const [versions, [apputils]] = await Promise.all(["@jupyterlab/notebook", "@jupyterlab/apputils"].map(load));
      versions.forEach(hideSavedWidgets);
      const plugin = makePlugin(versions[0], apputils);
      return () => ({ __esModule: true, default: plugin, IMPORTED, DRAWN, RUN_ON_OPENING });
    },
  };
})();
