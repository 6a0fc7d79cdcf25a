/**
 * The editor of a template variable. Grafana runs the query at every change that it is told of, so it is told when the
 * author leaves the text, presses Ctrl/Cmd+Enter, or goes away.
 */
import { type QueryEditorProps } from '@grafana/data';
import { InlineField, InlineSwitch, Stack, Text } from '@grafana/ui';
import React, { useEffect, useId, useMemo, useRef, useState } from 'react';
import { completionSource } from '../query-editor/completion-source';
import { SchemaNotice } from '../query-editor/EditorNotices';
import { shownSql, sqlPatch } from '../query-editor/query-draft';
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

  // A query that Grafana sets from outside replaces the text; one that only comes back does not.
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
  const commitRest = useRef(() => commit(sql));
  useEffect(() => {
    commitRest.current = () => commit(sql);
  });
  useEffect(() => () => commitRest.current(), []);

  return (
    <Stack direction="column" gap={1}>
      <InlineField
        label="Time filter"
        tooltip="Reads only the dashboard's time range. Processes are found by the time at which they were written."
      >
        <InlineSwitch
          id={timeFilterId}
          value={saved.timeFilter ?? true}
          onChange={({ currentTarget }) => {
            committed.current = sql;
            onChange({ ...saved, ...sqlPatch(saved, sql), timeFilter: currentTarget.checked });
          }}
        />
      </InlineField>
      <SqlEditor value={sql} completion={completion} onChange={setSql} onBlur={commit} onRun={commit} />
      <Text variant="bodySmall" color="secondary">
        Every column gives values. Name two columns value and text to show other words than the SQL gets, for example{' '}
        {EXAMPLE_VARIABLE_QUERY}.
      </Text>
      <SchemaNotice schema={datasource.schema} />
    </Stack>
  );
}
