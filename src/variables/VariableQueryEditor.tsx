/**
 * The editor of a template variable. Grafana runs the query at each `onChange`. So this editor calls `onChange` only
 * when the SQL loses the focus, after Ctrl/Cmd+Enter, after a choice, and when the editor is unmounted.
 */
import { type QueryEditorProps } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { EditorHeader, EditorRow, FlexItem } from '@grafana/plugin-ui';
import { Alert, Text } from '@grafana/ui';
import React, { useId, useMemo, useRef, useSyncExternalStore } from 'react';
import { type MicromegasQueryFields, readQuery } from '../../contract/queries/query';
import { builderPatch } from '../editor/builder/builder-mode';
import { LazyEditedSqlDialog } from '../editor/builder/LazyEditedSqlDialog';
import { LazyBuilder } from '../editor/builder/LazyBuilder';
import { useModeSwitch } from '../editor/builder/use-mode-switch';
import { EditorRoot } from '../shared/controls/EditorRoot';
import { SchemaNotice } from '../shared/controls/EditorNotices';
import { completionSource } from '../editor/query-editor/completion-source';
import { shownSql, sqlPatch } from '../editor/model/query-draft';
import { TimeFilterField } from '../editor/query-editor/LimitFields';
import { ModeSwitch } from '../editor/query-editor/QueryHeader';
import { SqlEditor } from '../editor/query-editor/SqlEditor';
import { useCommit } from '../editor/query-editor/use-commit';
import { useQueryDraft } from '../editor/query-editor/use-query-draft';
import { sqlParser } from '../editor/sql-parser/load-parser';
import { type MicromegasApi, type MicromegasOptions, type MicromegasQuery } from '../shared/types';
import { EXAMPLE_VARIABLE_QUERY, toVariableQuery } from '../shared/interpolation/variable-query';

type Props = QueryEditorProps<MicromegasApi, MicromegasQuery, MicromegasOptions>;

/**
 * Grafana shows this editor in the settings of a variable. The result is always a table, so no format can be chosen.
 */
export function VariableQueryEditor({ datasource, query: received, onChange, range }: Props) {
  const saved = useMemo(() => toVariableQuery(received), [received]);
  const { hold, commit } = useCommit(onChange);
  const { query, update, replacements } = useQueryDraft(saved, hold);
  const original = useRef(saved);
  const completion = useMemo(() => completionSource(datasource, range), [datasource, range]);
  const idPrefix = useId();
  const { variableFailures } = datasource;
  const failure = useSyncExternalStore(variableFailures.subscribe, () => variableFailures.messageOf(shownSql(query)));

  const choose = (patch: MicromegasQueryFields) => {
    if (update(patch)) {
      commit();
    }
  };
  const setSql = (sql: string) => {
    // The SQL editor reports its SQL whenever it loses the focus, even if nothing was typed.
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
          key={replacements}
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
          value={readQuery(query).timeFilter}
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
      {failure !== undefined && <Alert severity="error" title={failure} bottomSpacing={0} />}
      <SchemaNotice schema={datasource.schema} />
      <LazyEditedSqlDialog modes={modes} />
    </EditorRoot>
  );
}
