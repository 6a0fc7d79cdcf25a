/** Describes a query in one line, for collapsed editors, and as SQL with a comment, for the query history. */
import { t } from '@grafana/i18n';
import { builderQuery } from '../../../contract/builder/builder-sql';
import {
  type BuilderCondition,
  type BuilderState,
  type ColumnRef,
  type MetricsState,
} from '../../../contract/builder/builder-state';
import { isLevel, LEVEL_NAMES } from '../../../contract/builder/condition-sql';
import { filtersOf, type MicromegasQueryFields, readFlag, sqlOf } from '../../../contract/queries/query';
import { filterLabel } from '../filters/filter-label';
import { withSeverityNote } from '../filters/severity-note';
import { aggregationLabel } from '../builder/aggregation-labels';
import { requestLabel } from '../query-types/view-types';

/** Maximum number of characters of a label. Grafana shows one or two lines. */
const MAX_CHARACTERS = 1000;

function refName({ column, property }: ColumnRef): string {
  return property ?? column;
}

function formatCondition(condition: BuilderCondition): string {
  if ('raw' in condition) {
    return condition.raw;
  }
  const { operator, values } = condition;
  const label = [refName(condition), operator, values.join(', ')].join(' ').trim();
  return withSeverityNote(label, operator, isLevel(condition));
}

function describeGroup({ groupBy }: MetricsState): string {
  return groupBy.length === 0
    ? ''
    : ` ${t('query.text.by', 'by {{columns}}', { columns: groupBy.map(refName).join(', '), ...UNESCAPED })}`;
}

/** Values are inserted unchanged, because React escapes the label. */
const UNESCAPED = { interpolation: { escapeValue: false } };

/** The kind and the subject of a state, such as its measure or table, without its conditions. */
function describeSubject(state: BuilderState): string {
  switch (state.kind) {
    case 'metrics': {
      const measure = `${aggregationLabel(state.aggregation)} ${state.name}${describeGroup(state)}`;
      return t('query.text.metrics', 'Metrics: {{measure}}', { measure, ...UNESCAPED });
    }
    case 'logs':
      return t('query.text.logs', 'Logs');
    case 'processes':
      return t('query.text.processes', 'Process table');
    case 'spans':
      return t('query.text.spans', 'Spans of process {{process}}', { process: state.processId, ...UNESCAPED });
    case 'table':
      return t('query.text.table', 'Table {{table}}', { table: state.table, ...UNESCAPED });
    case 'values':
      return t('query.text.values', 'Values of {{column}}', { column: refName(state.value), ...UNESCAPED });
  }
}

function formatMinLevel(level: number): string {
  const name = LEVEL_NAMES[level - 1] ?? String(level);
  return formatCondition({ column: 'level', type: 'number', operator: '<=', values: [name] });
}

/** The minimum level and the process of a state, which have their own fields and are not in `conditions`. */
function fixedConditions(state: BuilderState): string[] {
  const level = state.kind === 'logs' && state.minLevel !== undefined ? [formatMinLevel(state.minLevel)] : [];
  const process =
    'processId' in state && state.kind !== 'spans' && state.processId ? [`process = ${state.processId}`] : [];
  return [...level, ...process];
}

/** A builder query in words. Undefined in code mode, and if the SQL differs from the SQL of the builder state. */
function describeBuilder({ builder, rawEditor }: MicromegasQueryFields, sql: string): string | undefined {
  if (builder === undefined || readFlag(rawEditor) !== false) {
    return undefined;
  }
  try {
    if (builderQuery(builder).sql.trim() !== sql.trim()) {
      return undefined;
    }
    return [describeSubject(builder), ...fixedConditions(builder), ...builder.conditions.map(formatCondition)].join(
      ' | '
    );
  } catch {
    // A state that was not made by this builder.
    return undefined;
  }
}

/**
 * The label of a query, with at most 1,000 characters. For a view query, a description of its request. For other
 * queries, a description of the builder state, or the SQL if there is no description. The filters follow.
 */
export function queryLabel(query: MicromegasQueryFields): string {
  const request = requestLabel(query);
  if (request !== undefined) {
    return shortened(request);
  }
  const sql = sqlOf(query);
  return shortened([describeBuilder(query, sql) ?? sql, ...filterLabels(query)].join(' | '));
}

function filterLabels({ filters }: MicromegasQueryFields): string[] {
  return filtersOf(filters).map(filterLabel);
}

/**
 * The whole SQL of a query, after a comment with the description of the builder state and with the filters. Grafana's
 * query history shows and copies this string, so it must be valid SQL. The comment is a block comment, so that it still
 * ends before the SQL if the lines are joined. For a view query and for a query without SQL, returns the label.
 */
export function labeledSql(query: MicromegasQueryFields): string {
  const sql = sqlOf(query);
  if (requestLabel(query) !== undefined || sql.trim() === '') {
    return queryLabel(query);
  }
  const labels = [describeBuilder(query, sql) ?? [], filterLabels(query)].flat();
  return labels.length === 0 ? sql : `/* ${withoutCommentMarks(shortened(labels.join(' | ')))} */\n${sql}`;
}

/** Inserts a space into each mark that would start or end a block comment. */
function withoutCommentMarks(label: string): string {
  return label.replace(/(?<=\*)(?=\/)|(?<=\/)(?=\*)/g, ' ');
}

function shortened(label: string): string {
  return label.slice(0, MAX_CHARACTERS).replace(/\s+/g, ' ').trim();
}
