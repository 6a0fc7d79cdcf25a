/** The editor of a query, in panels, Explore, alert rules and annotations. */
import { LoadingState, type QueryEditorProps } from '@grafana/data';
import { Stack } from '@grafana/ui';
import React, { useId, useMemo, useRef, useState } from 'react';
import { formatSql } from '../sql/format-sql';
import { type MicromegasApi, type MicromegasOptions, type MicromegasQuery } from '../types';
import { completionSource } from './completion-source';
import { Remark, SchemaNotice } from './EditorNotices';
import { examplePatch } from './examples';
import { shownSql, sqlPatch } from './query-draft';
import { QueryHeader } from './QueryHeader';
import { QueryHelp } from './QueryHelp';
import { QueryOptions } from './QueryOptions';
import { SqlEditor } from './SqlEditor';
import { useQueryDraft } from './use-query-draft';

type Props = QueryEditorProps<MicromegasApi, MicromegasQuery, MicromegasOptions>;

export function QueryEditor({ datasource, query: received, data, onChange, onRunQuery, onBlur }: Props) {
  const { query, update } = useQueryDraft(received, onChange);
  const opened = useRef(received);
  const idPrefix = useId();
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  const [remark, setRemark] = useState<string>();
  const completion = useMemo(() => completionSource(datasource), [datasource]);

  const setSql = (sql: string) => {
    setRemark(undefined);
    // Another query may have been put here, from the history of Explore for one. Fields that are empty now were emptied
    // together with the SQL: what stood in them is known from the query as it was.
    if (query.queryText !== '' && query.table !== '') {
      opened.current = query;
    }
    update(sqlPatch(opened.current, sql));
  };
  /** What is chosen takes effect at once, on SQL that is there. What is typed, such as a limit, waits for Run. */
  const choose = (patch: Partial<MicromegasQuery>) => {
    if (update(patch) && shownSql(query).trim() !== '') {
      onRunQuery();
    }
  };
  const tidy = async (sql: string) => {
    try {
      setSql(await formatSql(sql));
    } catch (reason) {
      setRemark(reason instanceof Error ? reason.message : String(reason));
    }
  };

  return (
    <Stack direction="column" gap={1}>
      <QueryHeader
        query={query}
        idPrefix={idPrefix}
        isHelpOpen={isHelpOpen}
        isRunning={data?.state === LoadingState.Loading}
        onChoose={choose}
        onType={update}
        onRun={onRunQuery}
        onFormatSql={() => void tidy(shownSql(query))}
        onToggleHelp={() => setIsHelpOpen(!isHelpOpen)}
      />
      <SqlEditor
        value={shownSql(query)}
        completion={completion}
        onChange={setSql}
        onBlur={onBlur}
        onRun={(sql) => {
          if (sql !== shownSql(query)) {
            setSql(sql);
          }
          onRunQuery();
        }}
      />
      <QueryOptions query={query} idPrefix={idPrefix} onChoose={choose} />
      {remark && <Remark text={remark} />}
      <SchemaNotice schema={datasource.schema} />
      {isHelpOpen && <QueryHelp onUse={(example) => update(examplePatch(example))} />}
    </Stack>
  );
}
