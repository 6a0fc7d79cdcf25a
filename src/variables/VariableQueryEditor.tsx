/**
 * The editor of a template variable. Grafana runs the query at each `onChange`. So this editor calls `onChange` only when
 * the SQL loses the focus, after Ctrl/Cmd+Enter, when something was chosen, and when the editor is unmounted.
 */
import { type QueryEditorProps } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { EditorHeader, EditorRow, FlexItem } from '@grafana/plugin-ui';
import { Text } from '@grafana/ui';
import React, { useId, useMemo, useRef } from 'react';
import { type MicromegasQueryFields } from '../../contract/query';
import { builderPatch } from '../builder/builder-mode';
import { EditedText } from '../builder/EditedText';
import { LazyBuilder } from '../builder/LazyBuilder';
import { useModeSwitch } from '../builder/use-mode-switch';
import { EditorRoot } from '../controls/EditorRoot';
import { SchemaNotice } from '../query-editor/EditorNotices';
import { completionSource } from '../query-editor/completion-source';
import { shownSql, sqlPatch } from '../query-editor/query-draft';
import { TimeFilterField } from '../query-editor/LimitFields';
import { ModeSwitch } from '../query-editor/QueryHeader';
import { SqlEditor } from '../query-editor/SqlEditor';
import { useCommit } from '../query-editor/use-commit';
import { useQueryDraft } from '../query-editor/use-query-draft';
import { sqlParser } from '../sql-parser/load-parser';
import { type MicromegasApi, type MicromegasOptions, type MicromegasQuery } from '../types';
import { EXAMPLE_VARIABLE_QUERY, toVariableQuery } from './variable-query';

type Props = QueryEditorProps<MicromegasApi, MicromegasQuery, MicromegasOptions>;

export function VariableQueryEditor({ datasource, query: received, onChange, range }: Props) {
  const saved = useMemo(() => toVariableQuery(received), [received]);
  const { hold, commit } = useCommit(onChange);
  const { query, update } = useQueryDraft(saved, hold);
  const original = useRef(saved);
  const completion = useMemo(() => completionSource(datasource, range), [datasource, range]);
  const idPrefix = useId();

  const choose = (patch: MicromegasQueryFields) => {
    if (update(patch)) {
      commit();
    }
  };
  const setSql = (sql: string) => {
    // An editor that loses the focus reports its text, although nothing was typed.
    if (sql !== shownSql(query)) {
      update(sqlPatch(original.current, sql));
    }
  };
  const commitSql = (sql: string) => {
    setSql(sql);
    commit();
  };
  const modes = useModeSwitch({ query, original: () => original.current, update: choose, parser: sqlParser });

  return (
    <EditorRoot>
      <EditorHeader>
        <FlexItem grow={1} />
        <ModeSwitch mode={modes.mode} onMode={modes.switchTo} />
      </EditorHeader>
      {modes.mode === 'builder' ? (
        <LazyBuilder
          datasource={datasource}
          range={range}
          idPrefix={idPrefix}
          purpose="variable"
          state={modes.state}
          states={modes.states}
          sql={shownSql(query)}
          onChange={(state) => choose(builderPatch(query, original.current, state, modes.state))}
        />
      ) : (
        <EditorRow>
          <SqlEditor
            value={shownSql(query)}
            completion={completion}
            onChange={setSql}
            onBlur={commitSql}
            onRun={commitSql}
          />
        </EditorRow>
      )}
      <EditorRow>
        <TimeFilterField
          id={`${idPrefix}-time-filter`}
          value={query.timeFilter ?? true}
          tooltip={t(
            'variable.time-filter.tooltip',
            "Reads only data of the dashboard's time range. A process is included if its record was written in this range."
          )}
          onChange={(isOn) => choose({ timeFilter: isOn })}
        />
      </EditorRow>
      {modes.mode === 'code' && (
        <Text variant="bodySmall" color="secondary">
          <Trans i18nKey="variable.help">
            The values of all columns become values of the variable. To show texts that differ from the values, name one
            column “value” and one column “text”, for example:
          </Trans>{' '}
          {EXAMPLE_VARIABLE_QUERY}
        </Text>
      )}
      <SchemaNotice schema={datasource.schema} />
      <EditedText modes={modes} />
    </EditorRoot>
  );
}
