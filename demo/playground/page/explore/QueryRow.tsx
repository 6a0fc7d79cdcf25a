import { css } from '@emotion/css';
import {
  CoreApp,
  type DataSourceApi,
  type GrafanaTheme2,
  LoadingState,
  type PanelData,
  type TimeRange,
} from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { IconButton, useStyles2 } from '@grafana/ui';
import React, { useState } from 'react';
import { useRuntime } from '../runtime/use-runtime';
import { type QueryRun } from './use-query-run';

interface Props {
  source: DataSourceApi;
  query: DataQuery;
  range: TimeRange;
  result: QueryRun;
  onChange: (query: DataQuery) => void;
  onRun: () => void;
}

function panelData({ isRunning, response, request }: QueryRun, range: TimeRange): PanelData | undefined {
  return response || isRunning
    ? {
        series: response?.data ?? [],
        errors: response?.errors,
        state:
          isRunning && response?.state !== LoadingState.Streaming
            ? LoadingState.Loading
            : (response?.state ?? LoadingState.Done),
        timeRange: range,
        request,
      }
    : undefined;
}

/** One query with its header and the plugin's own editor. */
export function QueryRow({ source, query, range, result, onChange, onRun }: Props) {
  const styles = useStyles2(getStyles);
  const { plugin } = useRuntime();
  const { QueryEditor: Editor, QueryEditorHelp: Help } = plugin.components;
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  return (
    <section aria-label={`Query ${query.refId}`} className={styles.row}>
      <header className={styles.header}>
        <span className={styles.refId}>{query.refId}</span>
        <em>({source.name})</em>
        {Help && (
          <IconButton
            name="question-circle"
            tooltip="Show data source help"
            aria-expanded={isHelpOpen}
            onClick={() => setIsHelpOpen(!isHelpOpen)}
          />
        )}
      </header>
      {Help && isHelpOpen && (
        <Help
          datasource={source}
          query={query}
          onClickExample={(example) => {
            onChange({ ...example, refId: query.refId });
            setIsHelpOpen(false);
          }}
        />
      )}
      {Editor ? (
        <Editor
          app={CoreApp.Explore}
          datasource={source}
          query={query}
          queries={[query]}
          range={range}
          data={panelData(result, range)}
          onChange={onChange}
          onRunQuery={onRun}
        />
      ) : null}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({
    padding: theme.spacing(1),
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.primary,
  }),
  header: css({
    display: 'flex',
    gap: theme.spacing(3),
    padding: theme.spacing(0.5, 1),
    marginBottom: theme.spacing(1),
    background: theme.colors.background.secondary,
    color: theme.colors.text.secondary,
  }),
  refId: css({ color: theme.colors.primary.text, fontWeight: theme.typography.fontWeightMedium }),
});
