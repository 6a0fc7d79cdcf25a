import { type Monaco, type MonacoEditor, type monacoTypes } from '@grafana/ui';
import { type QuerySettings } from '../sql/hints';
import { type BrowserSqlParser } from '../sql-parser/browser-parser';
import { blockedParser, directParser } from '../sql-parser/testing/direct-parser';
import { EditorDiagnostics } from './monaco-diagnostics';

/** The part of Monaco that diagnostics use. The browser tests use real Monaco. */
class Editor {
  /** Markers by owner, as `marked SQL: message`. */
  readonly markers = new Map<string, string[]>();
  settings: QuerySettings = { format: 'table', timeFilter: true };
  #sql: string;
  #onChange = () => undefined as void;

  constructor(sql: string) {
    this.#sql = sql;
  }

  type(sql: string): void {
    this.#sql = sql;
    this.#onChange();
  }

  get monaco(): Monaco {
    const setModelMarkers = (_model: unknown, owner: string, markers: monacoTypes.editor.IMarkerData[]) => {
      const markersOf = markers.map(({ startColumn, endColumn, message }) => {
        return `${this.#sql.slice(startColumn - 1, endColumn - 1)}: ${message}`;
      });
      this.markers.set(owner, markersOf);
    };
    return { MarkerSeverity: { Error: 8, Info: 2 }, editor: { setModelMarkers } } as unknown as Monaco;
  }

  get editor(): MonacoEditor {
    const model = {
      getValue: () => this.#sql,
      getPositionAt: (offset: number) => ({ lineNumber: 1, column: offset + 1 }),
    };
    return {
      getModel: () => model,
      getDomNode: () => null,
      onDidChangeModelContent: (listener: () => void) => {
        this.#onChange = listener;
        return { dispose: () => (this.#onChange = () => undefined) };
      },
    } as unknown as MonacoEditor;
  }

  diagnostics(parser: BrowserSqlParser): EditorDiagnostics {
    return new EditorDiagnostics(this.monaco, this.editor, {
      settings: () => this.settings,
      parser,
    });
  }

  get syntax(): string[] | undefined {
    return this.markers.get('micromegas-syntax');
  }

  get run(): string[] | undefined {
    return this.markers.get('micromegas-run');
  }
}

const parser = directParser();

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

it('marks a syntax error when the author stops typing', async () => {
  const editor = new Editor('SELECT 1');
  editor.diagnostics(parser);
  editor.type('SELECT 1 FROM t x y');
  await jest.advanceTimersByTimeAsync(200);
  expect(editor.syntax).toBeUndefined();
  editor.type('SELECT 1 FROM t x z');
  await jest.advanceTimersByTimeAsync(200);
  expect(editor.syntax).toBeUndefined();
  await jest.advanceTimersByTimeAsync(200);
  expect(editor.syntax).toEqual(['z: Syntax error: Expected: end of statement, found: z']);
  editor.type('SELECT 1');
  await jest.advanceTimersByTimeAsync(300);
  expect(editor.syntax).toEqual([]);
});

it('checks again when the settings change', async () => {
  const editor = new Editor('SELECT * FROM measures');
  const diagnostics = editor.diagnostics(parser);
  await jest.advanceTimersByTimeAsync(300);
  expect(editor.syntax).toEqual([]);
  editor.settings = { format: 'time_series', timeFilter: true };
  diagnostics.update();
  await jest.advanceTimersByTimeAsync(300);
  expect(editor.syntax).toEqual([expect.stringMatching(/^\*: .*each text column becomes a label/)]);
});

it('keeps the mark of a failed run until the SQL changes', async () => {
  const editor = new Editor('SELECT nope');
  const diagnostics = editor.diagnostics(parser);
  diagnostics.showFailure({ start: 7, end: 11, message: 'No field named nope.' });
  await jest.advanceTimersByTimeAsync(300);
  expect(editor.run).toEqual(['nope: No field named nope.']);
  editor.type('SELECT 1');
  expect(editor.run).toEqual([]);
});

it('marks nothing without the parser', async () => {
  const editor = new Editor('SELECT 1 FROM t x y');
  editor.diagnostics(blockedParser());
  await jest.advanceTimersByTimeAsync(300);
  expect(editor.syntax ?? []).toEqual([]);
});

/** A parser whose jobs are in flight until the test calls the functions in `ends`. */
function manualParser() {
  const parsed: string[] = [];
  const ends: Array<() => void> = [];
  const run: BrowserSqlParser['run'] = ({ sql }) => {
    parsed.push(sql);
    return new Promise((resolve) => ends.push(() => resolve({ kind: 'none', reason: 'slow' })));
  };
  return { parser: { run }, parsed, ends };
}

it('reports that SQL takes too long to check', async () => {
  const { parser, ends } = manualParser();
  const editor = new Editor(' SELECT 1');
  editor.diagnostics(parser);
  await jest.advanceTimersByTimeAsync(300);
  ends[0]();
  await jest.advanceTimersByTimeAsync(0);
  expect(editor.syntax).toEqual([expect.stringMatching(/^S: This SQL takes too long to check/)]);
});

it('checks the latest SQL after a slow check, and shows no marks of older SQL', async () => {
  const { parser, parsed, ends } = manualParser();
  const editor = new Editor('SELECT 1');
  editor.diagnostics(parser);
  await jest.advanceTimersByTimeAsync(300);
  for (const sql of ['SELECT 2', 'SELECT 3', 'SELECT 4']) {
    editor.type(sql);
    await jest.advanceTimersByTimeAsync(300);
  }
  expect(parsed).toEqual(['SELECT 1']);
  ends[0]();
  await jest.advanceTimersByTimeAsync(0);
  expect(editor.syntax).toBeUndefined();
  expect(parsed).toEqual(['SELECT 1', 'SELECT 4']);
});

it('marks nothing after `dispose`', async () => {
  const editor = new Editor('SELECT 1 FROM t x y');
  editor.diagnostics(parser).dispose();
  await jest.advanceTimersByTimeAsync(1000);
  expect(editor.syntax).toEqual([]);
});
