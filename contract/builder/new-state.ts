/** The initial states of the builder, one for each kind. */
import { AUDIT_TARGET } from '../audit';
import { type BuilderState, type TypedCondition } from './builder-state';

/** Default row limit of a list, such as the slowest spans. */
export const DEFAULT_LIMIT = 100;

const NEW_STATES: { [Kind in BuilderState['kind']]: () => Extract<BuilderState, { kind: Kind }> } = {
  metrics: () => ({
    kind: 'metrics',
    name: '',
    aggregation: 'avg',
    groupBy: [],
    shape: 'series',
    interval: 'auto',
    conditions: [],
  }),
  logs: () => ({ kind: 'logs', conditions: [], order: 'newest' }),
  processes: () => ({ kind: 'processes', aliveInRange: true, conditions: [], limit: DEFAULT_LIMIT }),
  spans: () => ({
    kind: 'spans',
    processId: '',
    spans: 'otel',
    conditions: [],
    order: 'slowest',
    limit: DEFAULT_LIMIT,
  }),
  table: () => ({
    kind: 'table',
    table: '',
    columns: [],
    conditions: [],
    groupBy: [],
    orderBy: [],
    limit: String(DEFAULT_LIMIT),
  }),
  values: () => ({ kind: 'values', of: 'column', table: '', value: { column: '' }, conditions: [] }),
};

/** A new state of a kind. The SQL of a state that still lacks a name, table or process is empty. */
export function newState<Kind extends BuilderState['kind']>(kind: Kind): Extract<BuilderState, { kind: Kind }> {
  return NEW_STATES[kind]();
}

/** Excludes the server's audit records, which are log entries that contain the SQL of queries. */
const WITHOUT_AUDIT: TypedCondition = {
  column: 'target',
  type: 'text',
  operator: '!=',
  values: [AUDIT_TARGET],
};

/**
 * The initial state of the builder's form. For logs, the state has a condition that excludes the server's audit records
 * of queries. The author can remove this condition.
 */
export function formState<Kind extends BuilderState['kind']>(kind: Kind): Extract<BuilderState, { kind: Kind }> {
  const state = newState(kind);
  return state.kind === 'logs' ? { ...state, conditions: [WITHOUT_AUDIT] } : state;
}
