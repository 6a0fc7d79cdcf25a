/** The complete query editor of panels, Explore and alert rules. The annotation editor contains this editor, too. */
import { CoreApp, LoadingState, type QueryEditorProps } from '@grafana/data';
import { EditorRow } from '@grafana/plugin-ui';
import React, { useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { readQuery } from '../../../contract/queries/query';
import { typeOfQuery } from '../../../contract/query-types/view-request';
import { builderPatch, hasRowLimitOption, limitPatch } from '../builder/builder-mode';
import { LazyEditedSqlDialog } from '../builder/LazyEditedSqlDialog';
import { LazyBuilder } from '../builder/LazyBuilder';
import { useModeSwitch } from '../builder/use-mode-switch';
import { EditorRoot } from '../../shared/controls/EditorRoot';
import { FilterChips } from '../filters/FilterChips';
import { ImportedNotice } from '../import/ImportedNotice';
import { LazyViewQueryEditor } from '../query-types/LazyViewQueryEditor';
import { TypeChoice } from '../query-types/TypeChoice';
import { requestPatch, typePatch } from '../query-types/view-types';
import { ViewQueryHeader } from '../query-types/ViewQueryHeader';
import { formatSql } from '../sql/format-sql';
import { sqlParser } from '../sql-parser/load-parser';
import { type MicromegasApi, type MicromegasOptions, type MicromegasQuery } from '../../shared/types';
import { AlertLink } from './AlertLink';
import { AlertWarnings } from './AlertWarnings';
import { EditorNotice, SchemaNotice } from '../../shared/controls/EditorNotices';
import { examplePatch } from './examples';
import { completionSource } from './completion-source';
import { changesAnything, isRunnable, shownSql, sqlPatch } from '../model/query-draft';
import { NumberOffer } from './NumberOffer';
import { QueryHeader } from './QueryHeader';
import { QueryHelp } from './QueryHelp';
import { QueryOptions } from './QueryOptions';
import { runFailure } from './run-failure';
import { SqlEditor } from './SqlEditor';
import { useFormatOfResult } from './use-format-of-result';
import { isLogsQuery, orderChange, useLogDirection } from './use-log-direction';
import { useQueryDraft } from './use-query-draft';

type Props = QueryEditorProps<MicromegasApi, MicromegasQuery, MicromegasOptions>;

/** True for the editors of panels and of Explore. */
const hasAlertLink = (app: CoreApp | undefined) => app === CoreApp.PanelEditor || app === CoreApp.Explore;

/** Grafana runs the query at `onRunQuery`, not at `onChange`. A failure of the last run is marked in the SQL. */
export function QueryEditor(props: Props) {
  const { datasource, query: received, data, onChange, onRunQuery, onBlur, app, range, queries } = props;
  const { query, update, replacements } = useQueryDraft(received, onChange);
  const type = typeOfQuery(query);
  const originalRef = useRef(received);
  const idPrefix = useId();
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  /** Why SQL was not formatted. Shown until the SQL changes or is formatted again. */
  const [unformatted, setUnformatted] = useState<{ sql: string; reason: string }>();
  const [typed, setTyped] = useState<string>();
  const completion = useMemo(() => completionSource(datasource, range), [datasource, range]);

  /** The query with the saved fields of older versions, even if `sqlPatch` has emptied them in `query`. */
  const original = () => {
    // Grafana may have replaced the query, for example with a query from the query history. If `queryText` or `table`
    // is an empty string, `sqlPatch` has emptied the field, and the original still has its value.
    if (query.queryText !== '' && query.table !== '') {
      originalRef.current = query;
    }
    return originalRef.current;
  };
  const modes = useModeSwitch({ query, original, update, parser: sqlParser });
  /** The latest SQL in code mode, because the author can change the SQL while `formatSql` runs. */
  const codeSql = useRef<string>();
  useLayoutEffect(() => {
    codeSql.current = modes.mode === 'code' ? shownSql(query) : undefined;
  });
  const setSql = (sql: string) => {
    setUnformatted(undefined);
    setTyped(sql);
    update(sqlPatch(original(), sql));
  };
  /**
   * A chosen value runs the query at once. A typed value, such as a limit, does not. A query that has become incomplete
   * is run, too: Grafana does not send it, but removes the previous result.
   */
  const choose = (patch: Partial<MicromegasQuery>) => {
    if (update(patch) && (isRunnable(query) || isRunnable({ ...query, ...patch }))) {
      onRunQuery();
    }
  };
  // Grafana shows a help icon in the rows of panels and Explore, but not in simple alert rules, annotations and
  // variables.
  const hasHelpIcon = query.purpose === undefined && app !== CoreApp.UnifiedAlerting;
  const hasTypes = query.purpose === undefined && (app !== CoreApp.UnifiedAlerting || type !== undefined);
  const typeChoice = hasTypes && (
    <TypeChoice type={type ?? 'sql'} onType={(chosen) => choose(typePatch(query, chosen))} />
  );
  const [hasChosenFormat, setHasChosenFormat] = useState(false);
  useFormatOfResult({
    query,
    typed,
    data,
    isViewQuery: type !== undefined,
    isDecided: hasChosenFormat || modes.state !== undefined || query.purpose !== undefined,
    onFormat: choose,
  });
  const setState = (state: BuilderState) => {
    const others = queries?.filter(({ refId }) => refId !== query.refId);
    const patch = builderPatch(query, original(), state, modes.state, others);
    // A change of the state alone, such as an added empty row, is saved without a run.
    const { builder: _builder, ...run } = patch;
    if (changesAnything(query, run)) {
      choose(patch);
    } else {
      update(patch);
    }
  };
  useLogDirection({
    app,
    isLogs: isLogsQuery(query),
    onDirection: (direction) => {
      const change = orderChange(query, modes.state, direction);
      if (change === undefined) {
        return;
      }
      if ('state' in change) {
        setState(change.state);
      } else {
        choose(change.patch);
      }
    },
  });
  const format = async (sql: string) => {
    setUnformatted(undefined);
    try {
      const formatted = await formatSql(sql);
      if (codeSql.current === sql) {
        setSql(formatted);
      }
    } catch (reason) {
      setUnformatted({ sql, reason: reason instanceof Error ? reason.message : String(reason) });
    }
  };

  if (type !== undefined) {
    return (
      <EditorRoot>
        <ViewQueryHeader
          typeChoice={typeChoice}
          isRunning={data?.state === LoadingState.Loading}
          isReady={isRunnable(query)}
          onRun={onRunQuery}
        />
        {app === CoreApp.UnifiedAlerting && (
          <AlertWarnings query={query} data={data} variables={[]} range={range} queries={queries} />
        )}
        <LazyViewQueryEditor
          key={`${type}-${replacements}`}
          datasource={datasource}
          range={range}
          idPrefix={idPrefix}
          type={type}
          query={query}
          data={data}
          onChange={(patch) => choose(requestPatch(query, patch))}
        />
      </EditorRoot>
    );
  }
  return (
    <EditorRoot>
      <QueryHeader
        typeChoice={typeChoice}
        query={query}
        idPrefix={idPrefix}
        isHelpOpen={hasHelpIcon ? undefined : isHelpOpen}
        isRunning={data?.state === LoadingState.Loading}
        mode={modes.mode}
        onMode={modes.switchTo}
        onChoose={(patch) => {
          setHasChosenFormat(true);
          choose(patch);
        }}
        onRun={onRunQuery}
        onFormatSql={() => void format(shownSql(query))}
        onToggleHelp={() => setIsHelpOpen(!isHelpOpen)}
      />
      {modes.mode === 'builder' ? (
        <LazyBuilder
          key={replacements}
          datasource={datasource}
          range={range}
          timeZone={data?.request?.timezone}
          idPrefix={idPrefix}
          app={app}
          purpose={query.purpose}
          state={modes.state}
          states={modes.states}
          sql={shownSql(query)}
          onChange={setState}
          onSql={(sql, patch) => choose({ ...sqlPatch(original(), sql), ...patch })}
          onRequest={choose}
        />
      ) : (
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
      )}
      <ImportedNotice query={query} onHide={() => update({ importNotice: undefined })} />
      <FilterChips query={query} onChoose={choose} />
      {app === CoreApp.UnifiedAlerting && (
        <>
          <NumberOffer
            key={`number-${replacements}`}
            query={query}
            state={modes.state}
            onNumber={(number, series) => choose(builderPatch(query, original(), number, series))}
          />
          <AlertWarnings
            query={query}
            data={data}
            variables={datasource.variableNames()}
            range={range}
            queries={queries}
          />
        </>
      )}
      <QueryOptions
        query={query}
        idPrefix={idPrefix}
        builderFills={modes.mode === 'builder' && (modes.state?.kind === 'metrics' || modes.state?.kind === 'table')}
        limits={{
          hasRowLimit: hasRowLimitOption(query, modes.mode === 'builder' ? modes.state : undefined),
          onChoose: (patch) => choose(limitPatch(query, original(), modes.state, patch)),
          onType: (patch) => update(limitPatch(query, original(), modes.state, patch)),
          onRun: onRunQuery,
        }}
        alertLink={
          hasAlertLink(app) &&
          modes.state !== undefined && <AlertLink datasource={datasource} query={query} request={data?.request} />
        }
        onChoose={choose}
      />
      {unformatted?.sql === shownSql(query) && <EditorNotice message={unformatted.reason} />}
      <SchemaNotice schema={datasource.schema} />
      {isHelpOpen && <QueryHelp onUse={(example) => update(examplePatch(example))} />}
      <LazyEditedSqlDialog modes={modes} />
    </EditorRoot>
  );
}
