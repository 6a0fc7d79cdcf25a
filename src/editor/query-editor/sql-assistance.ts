/** Completion, hover and diagnostics of one SQL editor. Loaded on demand when an editor is opened. */
import { type Monaco, type MonacoEditor } from '@grafana/ui';
import { type CompletionSource } from '../sql/completion';
import { sqlParser } from '../sql-parser/load-parser';
import { EditorDiagnostics, type DiagnosticsOptions } from './monaco-diagnostics';
import { registerProviders } from './monaco-providers';
import { type RunFailure } from './run-failure';

/** The functions that the editor calls after it has started the assistance. */
export interface Assistance {
  /** Checks the SQL again. */
  update: () => void;
  showFailure: (failure: RunFailure | undefined) => void;
  dispose: () => void;
}

/** Starts the assistance of an editor. The caller must call `dispose` when the editor is unmounted. */
export function assist(
  monaco: Monaco,
  editor: MonacoEditor,
  language: string,
  source: CompletionSource,
  settings: DiagnosticsOptions['settings']
): Assistance {
  const providers = registerProviders(monaco, editor, language, source);
  const diagnostics = new EditorDiagnostics(monaco, editor, { settings, parser: sqlParser });
  return {
    update: () => diagnostics.update(),
    showFailure: (failure) => diagnostics.showFailure(failure),
    dispose: () => {
      providers.dispose();
      diagnostics.dispose();
    },
  };
}
