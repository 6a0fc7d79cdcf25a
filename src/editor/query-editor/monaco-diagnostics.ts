/** Marks syntax errors, hints and the failure of the last run in Monaco. */
import { type Monaco, type MonacoEditor, type monacoTypes } from '@grafana/ui';
import { type Diagnostic, type QuerySettings } from '../sql/hints';
import { type BrowserSqlParser } from '../sql-parser/browser-parser';
import { diagnosticMessage } from './diagnostic-message';
import { rangeOf } from './monaco-providers';
import { type RunFailure } from './run-failure';

/**
 * Monaco replaces the markers of one owner at a time. So syntax markers, failure markers and Grafana's markers are
 * independent.
 */
const SYNTAX_OWNER = 'micromegas-syntax';
const RUN_OWNER = 'micromegas-run';
/** Milliseconds between the last key press and the check of the SQL. */
const DELAY_MS = 300;

/**
 * Options of one editor. `settings` is called for each check, because hints depend on the format and the time filter.
 */
export interface DiagnosticsOptions {
  settings: () => QuerySettings;
  parser: BrowserSqlParser;
}

/** The diagnostic for SQL that takes too long to check. It marks the first character that is not white space. */
function uncheckedSql(sql: string): Diagnostic {
  const start = sql.length - sql.trimStart().length;
  return { start, end: start + 1, code: 'unchecked', message: '' };
}

/** The diagnostics of one editor, until `dispose`. An editor that is not visible is checked when it becomes visible. */
export class EditorDiagnostics {
  readonly #monaco: Monaco;
  readonly #editor: MonacoEditor;
  readonly #options: DiagnosticsOptions;
  readonly #content: monacoTypes.IDisposable;
  readonly #observer: IntersectionObserver | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isVisible: boolean;
  #isDisposed = false;
  #isChecking = false;
  /** True if the SQL or the settings have changed since the running check began. */
  #hasChanged = false;
  /** The last failure. It is not marked again after the SQL has changed. */
  #failure: RunFailure | undefined;

  constructor(monaco: Monaco, editor: MonacoEditor, options: DiagnosticsOptions) {
    this.#monaco = monaco;
    this.#editor = editor;
    this.#options = options;
    this.#content = editor.onDidChangeModelContent(() => {
      this.#mark(RUN_OWNER, []);
      this.update();
    });
    const node = editor.getDomNode();
    this.#observer = node && typeof IntersectionObserver === 'function' ? this.#observe(node) : undefined;
    this.#isVisible = this.#observer === undefined;
    this.update();
  }

  /** Checks the SQL again after a pause. Call this function when the SQL or the settings have changed. */
  update(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#checkAgain(), DELAY_MS);
  }

  /** Marks the SQL at the position of a failure. The mark is removed when the SQL changes. */
  showFailure(failure: RunFailure | undefined): void {
    if (failure?.start === this.#failure?.start && failure?.message === this.#failure?.message) {
      return;
    }
    this.#failure = failure;
    const model = this.#editor.getModel();
    const markers =
      failure === undefined || model === null
        ? []
        : [
            {
              ...rangeOf(model, failure.start, failure.end),
              severity: this.#monaco.MarkerSeverity.Error,
              message: failure.message,
              source: 'Micromegas',
            },
          ];
    this.#mark(RUN_OWNER, markers);
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    this.#observer?.disconnect();
    this.#content.dispose();
    this.#mark(SYNTAX_OWNER, []);
    this.#mark(RUN_OWNER, []);
  }

  /** Returns an observer that checks a hidden editor, for example in a collapsed row, when it becomes visible. */
  #observe(node: HTMLElement): IntersectionObserver {
    const observer = new IntersectionObserver((entries) => {
      this.#isVisible = entries.at(-1)?.isIntersecting ?? this.#isVisible;
      if (this.#isVisible) {
        this.update();
      }
    });
    observer.observe(node);
    return observer;
  }

  /** Runs one check at a time. If the SQL changes during a check, only the latest SQL is checked afterwards. */
  async #checkAgain(): Promise<void> {
    this.#hasChanged = this.#isChecking;
    if (this.#isChecking) {
      return;
    }
    this.#isChecking = true;
    await this.#check();
    this.#isChecking = false;
    if (this.#hasChanged && !this.#isDisposed) {
      await this.#checkAgain();
    }
  }

  async #check(): Promise<void> {
    const model = this.#editor.getModel();
    if (!this.#isVisible || model === null || model.getValue().trim() === '') {
      this.#mark(SYNTAX_OWNER, []);
      return;
    }
    const sql = model.getValue();
    const end = await this.#options.parser.run({ kind: 'diagnose', sql, settings: this.#options.settings() });
    // If the SQL has changed, these marks would be at wrong positions. The new SQL is checked next.
    if (!this.#isDisposed && model.getValue() === sql) {
      const found = end.kind === 'done' ? end.value : end.reason === 'slow' ? [uncheckedSql(sql)] : [];
      this.#mark(
        SYNTAX_OWNER,
        found.map((diagnostic) => this.#marker(model, diagnostic))
      );
    }
  }

  #marker(model: monacoTypes.editor.ITextModel, diagnostic: Diagnostic): monacoTypes.editor.IMarkerData {
    const { Error, Info } = this.#monaco.MarkerSeverity;
    return {
      ...rangeOf(model, diagnostic.start, diagnostic.end),
      severity: diagnostic.code === 'syntax' ? Error : Info,
      message: diagnosticMessage(diagnostic),
      source: 'Micromegas',
    };
  }

  #mark(owner: string, markers: monacoTypes.editor.IMarkerData[]): void {
    const model = this.#editor.getModel();
    if (model !== null) {
      this.#monaco.editor.setModelMarkers(model, owner, markers);
    }
  }
}
