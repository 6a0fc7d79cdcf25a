/**
 * The SQL editor: Grafana's Monaco with completion, hover, marked errors, Ctrl/Cmd+Enter, and a height that the user
 * can drag.
 */
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { CodeEditor, type Monaco, type MonacoEditor, useStyles2 } from '@grafana/ui';
import React, { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type CompletionSource } from '../sql/completion';
import { type QuerySettings } from '../sql/hints';
import { TEST_IDS } from '../../shared/test-ids';
import { type RunFailure } from './run-failure';
import { type Assistance } from './sql-assistance';

const LANGUAGE = 'sql';
const LINE_HEIGHT_PX = 19;
/** Minimum and maximum of the initial height, in lines. */
const MIN_LINES = 10;
const MAX_LINES = 20;

interface Props {
  value: string;
  completion: CompletionSource;
  /** Settings of the query that decide which hints apply. Default: the settings of a table query. */
  settings?: QuerySettings;
  /** The failure of the last run. */
  failure?: RunFailure;
  readOnly?: boolean;
  onChange: (sql: string) => void;
  onBlur?: (sql: string) => void;
  /** Called with the SQL when the user presses Ctrl/Cmd+Enter. */
  onRun: (sql: string) => void;
}

const TABLE: QuerySettings = { format: 'table', timeFilter: true };

/**
 * Shown in all editors with SQL. The editor starts with plain text. Completion, hover and error marks are added when
 * they are loaded. If they cannot be loaded, the text stays plain.
 */
export function SqlEditor({ value, completion, settings = TABLE, failure, readOnly, ...events }: Props) {
  const { onChange, onBlur, onRun } = events;
  const styles = useStyles2(getStyles);
  // Monaco keeps the callbacks of the first render. They read the current props from this ref.
  const latest = useRef({ value, completion, settings, failure, onChange, onRun });
  useLayoutEffect(() => {
    latest.current = { value, completion, settings, failure, onChange, onRun };
  });
  const dispose = useRef<() => void>();
  const assistance = useRef<Assistance>();
  const frame = useRef<HTMLDivElement>(null);
  const { format, timeFilter } = settings;
  useEffect(() => assistance.current?.update(), [format, timeFilter]);
  useEffect(() => assistance.current?.showFailure(failure));
  // Computed once, because the user may drag the height afterwards.
  const [height] = useState(() => {
    const lines = Math.min(MAX_LINES, Math.max(MIN_LINES, value.split('\n').length + 1));
    return lines * LINE_HEIGHT_PX;
  });

  const onMount = (editor: MonacoEditor, monaco: Monaco) => {
    const completionSource: CompletionSource = {
      tableNames: () => latest.current.completion.tableNames(),
      columns: (table) => latest.current.completion.columns(table),
      variableNames: () => latest.current.completion.variableNames(),
      lookup: (request) => latest.current.completion.lookup(request),
      range: () => latest.current.completion.range(),
    };
    let isMounted = true;
    const start = async () => {
      const { assist } = await import(/* webpackChunkName: "sql-assistance" */ './sql-assistance');
      if (isMounted) {
        assistance.current = assist(monaco, editor, LANGUAGE, completionSource, () => latest.current.settings);
        assistance.current.showFailure(latest.current.failure);
      }
    };
    // Browser tests wait for this attribute. Nothing else depends on the attribute, so it is not a React state.
    const setStatus = (status: 'ready' | 'failed') => frame.current?.setAttribute('data-status', status);
    start().then(
      () => setStatus('ready'),
      // The file may fail to load, for example after an update of the plugin.
      () => setStatus('failed')
    );
    // An action belongs to one editor. A command would run in the editor that was mounted last.
    const action = editor.addAction({
      id: 'micromegas-run-query',
      label: t('query.run', 'Run query'),
      keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter],
      run: () => {
        // An open list of suggestions would cover the result.
        editor.trigger('micromegas', 'hideSuggestWidget', {});
        latest.current.onRun(editor.getValue());
      },
    });
    dispose.current = () => {
      isMounted = false;
      assistance.current?.dispose();
      action.dispose();
    };
  };

  // Monaco reports a change even if it received the SQL as a prop. This report must not change a saved query.
  const change = (sql: string) => {
    if (sql !== latest.current.value) {
      latest.current.onChange(sql);
    }
  };

  return (
    <div ref={frame} className={styles.frame} style={{ height }} data-testid={TEST_IDS.sqlEditor} data-status="loading">
      <div className={styles.fill}>
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
          onEditorWillUnmount={() => dispose.current?.()}
          monacoOptions={{
            ariaLabel: t('query.sql', 'SQL'),
            scrollBeyondLastLine: false,
            wordWrap: 'on',
            quickSuggestions: true,
            wordBasedSuggestions: false,
            suggest: { showWords: false },
          }}
        />
      </div>
    </div>
  );
}

const getStyles = () => ({
  editor: css({ height: '100%' }),
  // Monaco has a fixed width, which would keep its container from becoming narrower, for example when Explore is split.
  fill: css({ position: 'absolute', inset: 0 }),
  frame: css({
    position: 'relative',
    resize: 'vertical',
    overflow: 'hidden',
    minHeight: 3 * LINE_HEIGHT_PX,
    width: '100%',
  }),
});
