/** The query editor of panels, Explore and alert rules. The annotation editor contains this editor, too. */
import { LoadingState, type QueryEditorProps } from '@grafana/data';
import { EditorRow, EditorRows } from '@grafana/plugin-ui';
import React, { useId, useMemo, useRef, useState } from 'react';
import { readQuery } from '../../contract/query';
import { FilterChips } from '../filters/FilterChips';
import { ImportedNotice } from '../import/ImportedNotice';
import { formatSql } from '../sql/format-sql';
import { type MicromegasApi, type MicromegasOptions, type MicromegasQuery } from '../types';
import { Notice, SchemaNotice } from './EditorNotices';
import { examplePatch } from './examples';
import { completionSource } from './completion-source';
import { shownSql, sqlPatch } from './query-draft';
import { QueryHeader } from './QueryHeader';
import { QueryHelp } from './QueryHelp';
import { QueryLimits, QueryOptions } from './QueryOptions';
import { runFailure } from './run-failure';
import { SqlEditor } from './SqlEditor';
import { useQueryDraft } from './use-query-draft';

type Props = QueryEditorProps<MicromegasApi, MicromegasQuery, MicromegasOptions>;

export function QueryEditor({ datasource, query: received, data, range, onChange, onRunQuery, onBlur }: Props) {
  const { query, update } = useQueryDraft(received, onChange);
  const original = useRef(received);
  const idPrefix = useId();
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  const [notice, setNotice] = useState<string>();
  const completion = useMemo(() => completionSource(datasource, range), [datasource, range]);

  const setSql = (sql: string) => {
    setNotice(undefined);
    // Grafana may have replaced the query, for example with one from the query history. If these fields are empty, sqlPatch
    // has emptied them, and the original still has their values.
    if (query.queryText !== '' && query.table !== '') {
      original.current = query;
    }
    update(sqlPatch(original.current, sql));
  };
  /** A chosen value runs the query at once. A typed value, such as a limit, does not. */
  const choose = (patch: Partial<MicromegasQuery>) => {
    if (update(patch) && shownSql(query).trim() !== '') {
      onRunQuery();
    }
  };
  const format = async (sql: string) => {
    try {
      setSql(await formatSql(sql));
    } catch (reason) {
      setNotice(reason instanceof Error ? reason.message : String(reason));
    }
  };

  return (
    <EditorRows>
      <QueryHeader
        query={query}
        idPrefix={idPrefix}
        isHelpOpen={isHelpOpen}
        isRunning={data?.state === LoadingState.Loading}
        onChoose={choose}
        onRun={onRunQuery}
        onFormatSql={() => void format(shownSql(query))}
        onToggleHelp={() => setIsHelpOpen(!isHelpOpen)}
      />
      <EditorRow>
        <SqlEditor
          value={shownSql(query)}
          completion={completion}
          settings={readQuery(query)}
          failure={runFailure(data, query, datasource)}
          onChange={setSql}
          onBlur={onBlur}
          onRun={(sql) => {
            if (sql !== shownSql(query)) {
              setSql(sql);
            }
            onRunQuery();
          }}
        />
      </EditorRow>
      <ImportedNotice query={query} onHide={() => update({ importNotice: undefined })} />
      <FilterChips query={query} onChoose={choose} />
      <QueryLimits query={query} idPrefix={idPrefix} onChoose={choose} onType={update} onRun={onRunQuery} />
      <QueryOptions query={query} idPrefix={idPrefix} onChoose={choose} />
      {notice && <Notice text={notice} />}
      <SchemaNotice schema={datasource.schema} />
      {isHelpOpen && <QueryHelp onUse={(example) => update(examplePatch(example))} />}
    </EditorRows>
  );
}
