import { type Monaco, type MonacoEditor, type monacoTypes } from '@grafana/ui';
import { type ParseStatements } from '../../contract/sql-syntax/sql-parser';
import { loadParser } from '../../contract/sql-syntax/testing/load-parser';
import { type QuerySettings } from '../sql/hints';
import { EditorDiagnostics } from './monaco-diagnostics';

/** The part of Monaco that diagnostics use. The browser tests use the real one. */
class Editor {
  /** Markers by owner, as `text: message`. */
  readonly markers = new Map<string, string[]>();
  settings: QuerySettings = { format: 'table', timeFilter: true };
  #text: string;
  #onChange = () => undefined as void;

  constructor(text: string) {
    this.#text = text;
  }

  type(text: string): void {
    this.#text = text;
    this.#onChange();
  }

  get monaco(): Monaco {
    const setModelMarkers = (_model: unknown, owner: string, markers: monacoTypes.editor.IMarkerData[]) => {
      const texts = markers.map(({ startColumn, endColumn, message }) => {
        return `${this.#text.slice(startColumn - 1, endColumn - 1)}: ${message}`;
      });
      this.markers.set(owner, texts);
    };
    return { MarkerSeverity: { Error: 8, Info: 2 }, editor: { setModelMarkers } } as unknown as Monaco;
  }

  get editor(): MonacoEditor {
    const model = {
      getValue: () => this.#text,
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

  diagnostics(parse: ParseStatements | undefined): EditorDiagnostics {
    return new EditorDiagnostics(this.monaco, this.editor, {
      settings: () => this.settings,
      loadParser: async () => parse,
    });
  }

  get syntax(): string[] | undefined {
    return this.markers.get('micromegas-syntax');
  }

  get run(): string[] | undefined {
    return this.markers.get('micromegas-run');
  }
}

const parse = loadParser();

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

it('marks a syntax error when the author stops typing', async () => {
  const editor = new Editor('SELECT 1');
  editor.diagnostics(parse);
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
  const diagnostics = editor.diagnostics(parse);
  await jest.advanceTimersByTimeAsync(300);
  expect(editor.syntax).toEqual([]);
  editor.settings = { format: 'time_series', timeFilter: true };
  diagnostics.update();
  await jest.advanceTimersByTimeAsync(300);
  expect(editor.syntax).toEqual([expect.stringMatching(/^\*: .*each text column becomes a label/)]);
});

it('keeps the mark of a failed run until the text changes', async () => {
  const editor = new Editor('SELECT nope');
  const diagnostics = editor.diagnostics(parse);
  diagnostics.showFailure({ start: 7, end: 11, message: 'No field named nope.' });
  await jest.advanceTimersByTimeAsync(300);
  expect(editor.run).toEqual(['nope: No field named nope.']);
  editor.type('SELECT 1');
  expect(editor.run).toEqual([]);
});

it('marks nothing without the parser, and after its crash', async () => {
  const crash = () => {
    throw new WebAssembly.RuntimeError('unreachable');
  };
  for (const broken of [undefined, crash]) {
    const editor = new Editor('SELECT 1 FROM t x y');
    editor.diagnostics(broken);
    await jest.advanceTimersByTimeAsync(300);
    expect(editor.syntax ?? []).toEqual([]);
  }
});

it('does nothing after it was disposed', async () => {
  const editor = new Editor('SELECT 1 FROM t x y');
  editor.diagnostics(parse).dispose();
  await jest.advanceTimersByTimeAsync(1000);
  expect(editor.syntax).toEqual([]);
});
