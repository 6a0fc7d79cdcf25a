/**
 * The editor of a template variable. Grafana runs the query at each `onChange`. So this editor calls `onChange` only when
 * the SQL loses the focus, after Ctrl/Cmd+Enter, and when the editor is unmounted.
 */
import { type QueryEditorProps } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { EditorRow, EditorRows } from '@grafana/plugin-ui';
import { Text } from '@grafana/ui';
import React, { useEffect, useId, useMemo, useRef, useState } from 'react';
import { SchemaNotice } from '../query-editor/EditorNotices';
import { completionSource } from '../query-editor/completion-source';
import { shownSql, sqlPatch } from '../query-editor/query-draft';
import { TimeFilterField } from '../query-editor/QueryOptions';
import { SqlEditor } from '../query-editor/SqlEditor';
import { type MicromegasApi, type MicromegasOptions, type MicromegasQuery } from '../types';
import { EXAMPLE_VARIABLE_QUERY, toVariableQuery } from './variable-query';

type Props = QueryEditorProps<MicromegasApi, MicromegasQuery, MicromegasOptions>;

export function VariableQueryEditor({ datasource, query: received, onChange }: Props) {
  const saved = toVariableQuery(received);
  const savedSql = shownSql(saved);
  const [sql, setSql] = useState(savedSql);
  const completion = useMemo(() => completionSource(datasource), [datasource]);
  const timeFilterId = useId();

  // A query that changes elsewhere replaces the typed text. A query that this editor has sent does not.
  const committed = useRef(savedSql);
  useEffect(() => {
    if (savedSql !== committed.current) {
      committed.current = savedSql;
      setSql(savedSql);
    }
  }, [savedSql]);

  const commit = (text: string) => {
    if (text !== committed.current) {
      committed.current = text;
      onChange({ ...saved, ...sqlPatch(saved, text) });
    }
  };
  const commitOnUnmount = useRef(() => commit(sql));
  useEffect(() => {
    commitOnUnmount.current = () => commit(sql);
  });
  useEffect(() => () => commitOnUnmount.current(), []);

  return (
    <EditorRows>
      <EditorRow>
        <SqlEditor value={sql} completion={completion} onChange={setSql} onBlur={commit} onRun={commit} />
      </EditorRow>
      <EditorRow>
        <TimeFilterField
          id={timeFilterId}
          value={saved.timeFilter ?? true}
          tooltip={t(
            'variable.time-filter.tooltip',
            "Reads only data of the dashboard's time range. A process is included if its record was written in this range."
          )}
          onChange={(isOn) => {
            committed.current = sql;
            onChange({ ...saved, ...sqlPatch(saved, sql), timeFilter: isOn });
          }}
        />
      </EditorRow>
      <Text variant="bodySmall" color="secondary">
        <Trans i18nKey="variable.help">
          The values of all columns become values of the variable. To show texts that differ from the values, name one
          column “value” and one column “text”, for example:
        </Trans>{' '}
        {EXAMPLE_VARIABLE_QUERY}
      </Text>
      <SchemaNotice schema={datasource.schema} />
    </EditorRows>
  );
}
