/**
 * The query builder: the choice of a kind, the form of that kind, and the generated SQL. Without a state, it shows the
 * choice, the starting points and, if there is an `initial` state, the form of that state.
 */
import { type TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorRow } from '@grafana/plugin-ui';
import { RadioButtonGroup, Stack, Text } from '@grafana/ui';
import React from 'react';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { formState } from '../../../contract/builder/new-state';
import { Rows } from '../../shared/controls/Rows';
import { type MicromegasApi } from '../../shared/types';
import { BuilderContext } from './builder-context';
import { LogsForm } from './forms/LogsForm';
import { MetricsForm } from './forms/MetricsForm';
import { ProcessTableForm } from './forms/ProcessTableForm';
import { SpansForm } from './forms/SpansForm';
import { TableForm } from './forms/TableForm';
import { ValuesForm } from './forms/ValuesForm';
import { SqlPreview } from './SqlPreview';
import { useFocusOnKind } from './use-focus-on-kind';

export type BuilderKind = BuilderState['kind'];

function kindLabel(kind: BuilderKind): string {
  switch (kind) {
    case 'metrics':
      return t('builder.kind.metrics', 'Metrics');
    case 'logs':
      return t('builder.kind.logs', 'Logs');
    case 'processes':
      return t('builder.kind.processes', 'Process table');
    case 'spans':
      return t('builder.kind.spans', 'Spans');
    case 'values':
      return t('builder.kind.values', 'Values');
    case 'table':
      return t('builder.kind.table', 'Any table');
  }
}

/** The message for a state without SQL. It names the field that is missing. */
function missingMessage(state: BuilderState): string {
  if ('instanceId' in state && state.instanceId === '') {
    return t('builder.missing.instance', 'Choose a process or stream to see the SQL.');
  }
  switch (state.kind) {
    case 'metrics':
      if (state.name !== '') {
        return t('builder.missing.interval', 'Choose an interval to see the SQL.');
      }
      return t('builder.missing.measure', 'Choose a measure to see its SQL.');
    case 'spans':
      return t('builder.missing.process', 'Choose a process to see the SQL.');
    case 'values':
      return t('builder.missing.column', 'Choose a table and a column to see the SQL.');
    default:
      return t('builder.missing.table', 'Choose a table to see the SQL.');
  }
}

interface QueryBuilderProps {
  datasource: MicromegasApi;
  range?: TimeRange;
  /** Time zone of the last request, such as `utc` or `browser`. Default: the time zone of the user. */
  timeZone?: string;
  /** Prefix of the ids of the controls, unique per editor. */
  idPrefix: string;
  kinds: readonly BuilderKind[];
  state: BuilderState | undefined;
  /** While `state` is undefined, the form of this state is shown below the starting points. Default: no form. */
  initial?: BuilderState;
  /** The last state of each kind. The builder updates this map. */
  states: Map<BuilderKind, BuilderState>;
  /** The SQL of the query, which the builder generated from `state`. */
  sql: string;
  onChange: (state: BuilderState) => void;
  /** Shown while there is no state. */
  start?: React.ReactNode;
}

/**
 * Keeps the state of each kind in `states`, so that the user can choose another kind and return without losing the
 * fields.
 */
export function QueryBuilder({ datasource, range, timeZone, start, sql, initial, ...props }: QueryBuilderProps) {
  const { state, states, idPrefix, kinds, onChange } = props;
  const shown = state ?? initial;
  const { listEvents, afterChoice } = useFocusOnKind(state?.kind, idPrefix);
  const change = (next: BuilderState) => {
    if (state !== undefined) {
      states.set(state.kind, state);
    }
    onChange(next);
  };
  // A query may have a kind that is not in `kinds`, for example if the query was copied from a variable.
  const offered = shown === undefined || kinds.includes(shown.kind) ? kinds : [...kinds, shown.kind];
  return (
    <BuilderContext datasource={datasource} range={range} timeZone={timeZone}>
      <Rows>
        <EditorRow>
          <Stack wrap="wrap" gap={1} alignItems="center">
            <Text variant="bodySmall" weight="medium">
              {t('builder.kind.label', 'What to look at')}
            </Text>
            <div {...listEvents}>
              <RadioButtonGroup<BuilderKind>
                size="sm"
                aria-label={t('builder.kind.label', 'What to look at')}
                options={offered.map((value) => ({ value, label: kindLabel(value) }))}
                value={shown?.kind}
                onChange={(kind) => {
                  change(states.get(kind) ?? formState(kind));
                  afterChoice();
                }}
              />
            </div>
          </Stack>
        </EditorRow>
        {state === undefined && start}
        {shown !== undefined && (
          <>
            <Form state={shown} idPrefix={idPrefix} onChange={change} />
            <SqlPreview sql={sql} missing={missingMessage(shown)} />
          </>
        )}
      </Rows>
    </BuilderContext>
  );
}

interface AnyFormProps {
  state: BuilderState;
  idPrefix: string;
  onChange: (state: BuilderState) => void;
}

function Form({ state, ...props }: AnyFormProps) {
  switch (state.kind) {
    case 'metrics':
      return <MetricsForm state={state} {...props} />;
    case 'logs':
      return <LogsForm state={state} {...props} />;
    case 'processes':
      return <ProcessTableForm state={state} {...props} />;
    case 'spans':
      return <SpansForm state={state} {...props} />;
    case 'values':
      return <ValuesForm state={state} {...props} />;
    case 'table':
      return <TableForm state={state} {...props} />;
  }
}
