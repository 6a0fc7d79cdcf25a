/** The text editor for SQL: Grafana's Monaco with our completion, Ctrl/Cmd+Enter, and a height that can be dragged. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { CodeEditor, type Monaco, type MonacoEditor, useStyles2 } from '@grafana/ui';
import React, { useLayoutEffect, useRef, useState } from 'react';
import { type CompletionSource } from '../sql/completion';
import { registerCompletion } from './monaco-completion';

const LANGUAGE = 'sql';
const LINE_HEIGHT_PX = 19;
const MIN_LINES = 10;
const MAX_LINES = 20;

interface Props {
  value: string;
  completion: CompletionSource;
  readOnly?: boolean;
  onChange: (sql: string) => void;
  onBlur?: (sql: string) => void;
  /** Ctrl/Cmd+Enter. */
  onRun: (sql: string) => void;
}

export function SqlEditor({ value, completion, readOnly, onChange, onBlur, onRun }: Props) {
  const styles = useStyles2(getStyles);
  // Monaco keeps the functions that it was mounted with: they look up the newest ones here.
  const latest = useRef({ value, completion, onChange, onRun });
  useLayoutEffect(() => {
    latest.current = { value, completion, onChange, onRun };
  });
  const ending = useRef<() => void>();
  // Fixed at the start: afterwards the height belongs to whoever drags it.
  const [height] = useState(() => {
    const lines = Math.min(MAX_LINES, Math.max(MIN_LINES, value.split('\n').length + 1));
    return lines * LINE_HEIGHT_PX;
  });

  const onMount = (editor: MonacoEditor, monaco: Monaco) => {
    const completionSource: CompletionSource = {
      tableNames: () => latest.current.completion.tableNames(),
      columns: (table) => latest.current.completion.columns(table),
      variableNames: () => latest.current.completion.variableNames(),
    };
    const registration = registerCompletion(monaco, editor, LANGUAGE, completionSource);
    // An action belongs to its editor; a command would run in the editor that was mounted last.
    const action = editor.addAction({
      id: 'micromegas-run-query',
      label: 'Run query',
      keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter],
      run: () => {
        // Suggestions for a text that is done would cover the answer.
        editor.trigger('micromegas', 'hideSuggestWidget', {});
        latest.current.onRun(editor.getValue());
      },
    });
    ending.current = () => {
      registration.dispose();
      action.dispose();
    };
  };

  // Monaco reports text that it was given as well: a query that was only opened stays as it was saved.
  const change = (sql: string) => {
    if (sql !== latest.current.value) {
      latest.current.onChange(sql);
    }
  };

  return (
    <div className={styles.frame} style={{ height }} data-testid="micromegas-sql-editor">
      <CodeEditor
        value={value}
        language={LANGUAGE}
        height="100%"
        containerStyles={styles.editor}
        width="100%"
        readOnly={readOnly}
        showLineNumbers
        showMiniMap={false}
        onChange={change}
        onBlur={onBlur}
        onEditorDidMount={onMount}
        onEditorWillUnmount={() => ending.current?.()}
        monacoOptions={{
          ariaLabel: 'SQL',
          scrollBeyondLastLine: false,
          wordWrap: 'on',
          quickSuggestions: true,
          wordBasedSuggestions: false,
          suggest: { showWords: false },
        }}
      />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  editor: css({ height: '100%' }),
  frame: css({
    resize: 'vertical',
    overflow: 'hidden',
    minHeight: 3 * LINE_HEIGHT_PX,
    width: '100%',
    marginTop: theme.spacing(0.5),
  }),
});
