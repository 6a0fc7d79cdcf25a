/**
 * Converts conditions on spans to SQL for the rows of `view_instance('otel_spans', …)`.
 *
 * A negated condition also keeps spans that do not have the attribute, like a filter of a query. A key that begins with
 * `resource.` is an attribute of the resource. Its values are strings in `process_properties`.
 */
import { isInstanceId } from '../../../contract/resources/lookups';
import { type AttributeCondition, readTimeMs, type SpanConditions } from '../../../contract/query-types/traces';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { formatNanoseconds } from '../../../contract/sql/time-literals';
import { foreignLine } from '../../base/errors/foreign-string';
import { ProxyError } from '../../base/errors/proxy-error';
import { type TimeRangeMs } from '../lake-reader/lake-reader';

/** Prefix of the keys of resource attributes, in conditions. */
const RESOURCE = 'resource.';
/** Prefix of the same keys in the properties of a process. */
export const RESOURCE_PROPERTY = 'otel.resource.';

const NANOS_PER_MS = 1e6;
/** Maximum length of all conditions, in UTF-16 units. Each statement repeats the conditions for each process. */
const MAX_CHARACTERS = 100_000;

/** A list of strings for IN. */
export function literals(values: readonly string[]): string {
  return values.map(quoteLiteral).join(', ');
}

/**
 * The SQL of the conditions on spans. The conditions on services and processes are not included.
 * @throws {ProxyError} 'query_field_invalid'
 */
export function spanConditionsSql(conditions: SpanConditions): string[] {
  const { operations, kinds, statuses, minDurationMs, maxDurationMs, attributes } = conditions;
  checkDurations(minDurationMs, maxDurationMs);
  const sql = [
    ...startCondition('>=', conditions.fromMs),
    ...startCondition('<', conditions.toMs),
    ...listCondition('name', operations),
    ...listCondition('kind', kinds),
    ...listCondition('status', statuses),
    ...durationCondition('>=', minDurationMs),
    ...durationCondition('<=', maxDurationMs),
    ...(attributes || []).map(attributeCondition),
  ];
  const characters = sql.reduce((sum, { length }) => sum + length, 0);
  if (characters > MAX_CHARACTERS) {
    throw new ProxyError('query_field_invalid', {
      detail: `The conditions have ${characters} characters as SQL; at most ${MAX_CHARACTERS} are allowed.`,
    });
  }
  return sql;
}

/** A string literal of a time, for comparisons. @param epochMs Milliseconds since 1970, possibly with a fraction. */
function startLiteral(epochMs: number): string {
  const whole = Math.floor(epochMs);
  return formatNanoseconds(BigInt(whole) * BigInt(NANOS_PER_MS) + BigInt(Math.round((epochMs - whole) * NANOS_PER_MS)));
}

function startCondition(operator: '>=' | '<', time: string | undefined): string[] {
  const ms = readTimeMs(time);
  return ms === undefined ? [] : [`start_time ${operator} ${startLiteral(ms)}`];
}

/**
 * The time range of the spans: the window of the conditions. The range of the query gives an end that is missing.
 *
 * @throws {ProxyError} 'query_field_invalid' if the range is empty.
 */
export function conditionRange({ fromMs, toMs }: Pick<SpanConditions, 'fromMs' | 'toMs'>, range: TimeRangeMs) {
  const own = { fromMs: readTimeMs(fromMs) ?? range.fromMs, toMs: readTimeMs(toMs) ?? range.toMs };
  if (own.fromMs > own.toMs) {
    throw new ProxyError('query_field_invalid', {
      detail: 'The window of the query ends before it begins.',
      advice: 'Remove the window in the form, or choose a time range that contains it.',
    });
  }
  return own;
}

/** The conditions with a checked id of the process. @throws {ProxyError} 'query_field_invalid' if it is not a UUID. */
export function checkedProcess<Request extends SpanConditions>(request: Request): Request {
  const processId = request.processId?.trim() ?? '';
  if (processId !== '' && !isInstanceId(processId)) {
    throw new ProxyError('query_field_invalid', {
      detail: `The id of a process is a UUID, not ${foreignLine(processId)}.`,
      advice: 'Choose a process from the list, or enter its process_id.',
    });
  }
  return { ...request, processId: processId === '' ? undefined : processId.toLowerCase() };
}

function listCondition(column: string, values: readonly string[] | undefined): string[] {
  return !values || values.length === 0 ? [] : [`${column} IN (${literals(values)})`];
}

/** @throws {ProxyError} 'query_field_invalid' if no duration meets both limits. */
function checkDurations(minMs: number | undefined, maxMs: number | undefined): void {
  if (typeof minMs === 'number' && typeof maxMs === 'number' && minMs > maxMs) {
    throw new ProxyError('query_field_invalid', {
      detail: `The minimum duration, ${minMs} ms, is longer than the maximum, ${maxMs} ms.`,
    });
  }
}

/** Empty if there is no limit. The editor may save an empty field as the empty string. */
function durationCondition(operator: '>=' | '<=', ms: number | undefined): string[] {
  return typeof ms === 'number' ? [`duration ${operator} ${Math.round(ms * NANOS_PER_MS)}`] : [];
}

/** Column and key of an attribute. */
function place(key: string): { column: string; key: string; isResource: boolean } {
  return key.startsWith(RESOURCE)
    ? { column: 'process_properties', key: RESOURCE_PROPERTY + key.slice(RESOURCE.length), isResource: true }
    : { column: 'properties', key, isResource: false };
}

function attributeCondition(condition: AttributeCondition): string {
  const { operator, value } = condition;
  const { column, key, isResource } = place(condition.key);
  const property = `property_get(${column}, ${quoteLiteral(key)})`;
  const json = `jsonb_get(${column}, ${quoteLiteral(key)})`;
  if (operator === 'exists') {
    return `${property} IS NOT NULL`;
  }
  if (operator === 'missing') {
    return `${property} IS NULL`;
  }
  if (operator === 'contains') {
    return `strpos(lower(${property}), lower(${quoteLiteral(String(value))})) > 0`;
  }
  switch (typeof value) {
    case 'number':
      return compared(
        isResource ? `TRY_CAST(${property} AS DOUBLE)` : `jsonb_as_f64(${json})`,
        operator,
        numberSql(value)
      );
    case 'boolean':
      if (operator !== '=' && operator !== '!=') {
        throw new ProxyError('query_field_invalid', {
          detail: `The condition on the attribute ${foreignLine(condition.key)} compares a boolean with ${operator}. Booleans have = and != only.`,
        });
      }
      return compared(isResource ? property : `jsonb_format_json(${json})`, operator, quoteLiteral(String(value)));
    default:
      return compared(property, operator, quoteLiteral(String(value)));
  }
}

function compared(left: string, operator: string, right: string): string {
  return operator === '!=' ? `(${left} <> ${right} OR ${left} IS NULL)` : `${left} ${operator} ${right}`;
}

/** A literal. A number that is not a safe integer is cast, because an integer literal beyond 64 bits is invalid. */
function numberSql(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : `CAST(${quoteLiteral(String(value))} AS DOUBLE)`;
}
