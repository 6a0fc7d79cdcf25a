/**
 * The query builder in the editors of panels, Explore, alert rules, annotations and variables. It offers the kinds of
 * queries and the starting points (ready-made queries) that suit the editor.
 */
import { CoreApp, type TimeRange } from '@grafana/data';
import React, { useEffect, useRef } from 'react';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { type ViewQueryFields } from '../../../contract/query-types/view-request';
import { focusEmptyControl } from '../../shared/controls/use-focus-on-add';
import { type MicromegasApi } from '../../shared/types';
import { isIncomplete } from './condition-operators';
import { type BuilderKind, QueryBuilder } from './QueryBuilder';
import { type StartPatch, StartingPoints } from './StartingPoints';

const PANEL_KINDS: readonly BuilderKind[] = ['metrics', 'logs', 'processes', 'spans', 'table'];
/** Alert rules need numbers. */
const ALERT_KINDS: readonly BuilderKind[] = ['metrics', 'table'];
/** Annotations need rows with a time and a message. */
const ANNOTATION_KINDS: readonly BuilderKind[] = ['logs', 'processes', 'table'];
const VARIABLE_KINDS: readonly BuilderKind[] = ['values', 'table'];

interface Props {
  datasource: MicromegasApi;
  app?: CoreApp | string;
  range?: TimeRange;
  /** Time zone of the last request, such as `utc` or `browser`. Default: the time zone of the user. */
  timeZone?: string;
  idPrefix: string;
  purpose: MicromegasQueryFields['purpose'];
  state: BuilderState | undefined;
  /** The last state of each kind. The builder updates this map. */
  states: Map<BuilderKind, BuilderState>;
  sql: string;
  onChange: (state: BuilderState) => void;
  /** Called for a starting point with SQL, but without a builder state. Variables have no such starting points. */
  onSql?: (sql: string, patch: StartPatch) => void;
  /** Called with the fields of a starting point without SQL. Default: such starting points are not offered. */
  onRequest?: (patch: ViewQueryFields) => void;
}

function kindsOf(app: Props['app'], purpose: Props['purpose']): readonly BuilderKind[] {
  switch (purpose) {
    case 'annotation':
      return ANNOTATION_KINDS;
    case 'variable':
      return VARIABLE_KINDS;
    case undefined:
      return app === CoreApp.UnifiedAlerting ? ALERT_KINDS : PANEL_KINDS;
  }
}

/**
 * `LazyBuilder` loads this component on demand. If the user chooses a starting point with an empty condition, that
 * condition gets the focus.
 */
export function BuilderPane({ app, purpose, onSql, onRequest, ...props }: Props) {
  /** The state of the chosen starting point, until its form is shown and the focus is set. */
  const started = useRef<BuilderState>();
  const kind = props.state?.kind;
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const first = started.current;
    started.current = undefined;
    if (first !== undefined && first.kind === kind && first.conditions.some(isIncomplete)) {
      focusEmptyControl(form.current?.querySelector('[role="group"]'));
    }
  }, [kind]);
  return (
    <div ref={form}>
      <QueryBuilder
        {...props}
        kinds={kindsOf(app, purpose)}
        initial={purpose === 'variable' ? newState('values') : undefined}
        start={
          <StartingPoints
            purpose={purpose}
            isAlert={app === CoreApp.UnifiedAlerting}
            onState={(first) => {
              started.current = first;
              props.onChange(first);
            }}
            onSql={onSql}
            onRequest={purpose === undefined ? onRequest : undefined}
          />
        }
      />
    </div>
  );
}
