// What the front end asks of whoever shows it: of JupyterLab, with anywidget between, or of any other page.
//
// Nothing here runs. A host makes these objects, the other files of the front end use no more of a host than this, and
// `tests/test_hosts_browser.py` looks in every host for each name. One in brackets may be missing.
//
// A host evaluates a panel's text (`frontend.script` in Python) as a module, puts its style (`frontend.style`) into the
// page, and calls `render` of its default export with `model` and `el`, an empty element that stands in the page then or
// later; it calls what `render` gave once the panel goes. `<body>` has `data-jp-theme-light`, "true" or "false", and may
// have the colours and letters of JupyterLab's themes as `--jp-` variables. Where a document has `data-reseau-kit`, it
// hears « reseau-kit:relancer » as the wish to be prepared again.

/**
 * What a panel's text gives by default.
 *
 * @typedef {object} PanelModule
 * @property {(shown: { model: PanelModel, el: HTMLElement }) => (() => void) | void} render
 */

/**
 * What one panel shows, shared with Python: a name has a value there and here. Both ends may also send messages.
 *
 * @typedef {object} PanelModel
 * @property {(name: string) => any} get a value; of bytes, a DataView
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes sends what `set` has changed
 * @property {(event: string, handler: Function) => void} on « change:NAME », or « msg:custom » with the message and its
 *   buffers, DataViews
 * @property {(event: string, handler: Function) => void} off
 * @property {(message: object) => void} send may throw where nothing can be sent, and may lose it
 * @property {PanelManager} widget_manager
 */

/**
 * The other panels of the document, and the document itself.
 *
 * @typedef {object} PanelManager
 * @property {(id: string) => Promise<PanelModel>} get_model
 * @property {(model: PanelModel) => Promise<{ el: HTMLElement }>} create_view
 * @property {OpenDocument} [context] missing where the document cannot be written, as in Voilà
 */

/**
 * The document that shows the panels: its metadata hold the copy of the answers, under « reseau_kit ».
 *
 * @typedef {object} OpenDocument
 * @property {string} path
 * @property {boolean} isDisposed
 * @property {DocumentModel} model
 * @property {() => Promise<void>} save throws, or leaves the document dirty, where it is not saved
 * @property {SavedFile} contentsModel what the file was when this page last read or wrote it
 * @property {Server} [_manager] its files, so that what another tab has saved is not lost
 */

/**
 * @typedef {object} DocumentModel
 * @property {boolean} dirty whether something is left to save
 * @property {SharedModel} sharedModel
 */

/**
 * @typedef {object} SharedModel
 * @property {() => Record<string, any>} getMetadata
 * @property {(name: string, value: any) => void} setMetadata makes the document dirty
 * @property {Cell[]} cells
 */

/**
 * @typedef {object} Cell
 * @property {() => string} getSource
 */

/**
 * @typedef {object} Server
 * @property {Files} contents
 */

/**
 * @typedef {object} Files
 * @property {(path: string, options?: object) => Promise<SavedFile>} get
 * @property {(path: string, file: object) => Promise<SavedFile>} save
 */

/**
 * @typedef {object} SavedFile
 * @property {string} last_modified
 * @property {any} [content] the notebook, where it was asked for
 */
