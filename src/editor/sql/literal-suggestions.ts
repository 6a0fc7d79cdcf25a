/**
 * Suggestions for values: inside quotes, and for the levels of log messages. Most values come from lookups of the data
 * source.
 */
import { StringMap } from '../../../contract/string-map';
import { t } from '@grafana/i18n';
import {
  type LookupResults,
  type LookupRange,
  type LookupRequest,
  type ProcessInfo,
} from '../../../contract/resources/lookups';
import { sqlTokenValue } from '../../../contract/sql/sql-scan';
import { escapeLiteral } from '../../../contract/sql/sql-names';
import { type Position } from './editor-position';
import { HIGH_CARDINALITY, knownTable, LEVELS_BY_NUMBER } from '../../shared/sql/known-tables';
import { columnBefore, type ValueOwner } from '../../shared/sql/literal-context';
import { type ScopeColumn, type ScopeColumns } from '../../shared/sql/scope-columns';
import { fixedArguments, type Suggestion } from './suggestion';

/** Lookups of values on the server. */
export interface LookupSource {
  /** Resolves to undefined if the lookup fails, or if lookups are switched off. */
  lookup: <R extends LookupRequest>(request: R) => Promise<LookupResults[R['kind']] | undefined>;
  /** The time range of the panel. */
  range: () => LookupRange;
}

/** A suggested value. The list shows `label` and filters by `filterText`. The default of each is the value. */
interface Value {
  value: string;
  label?: string;
  detail?: string;
  filterText?: string;
}

interface LiteralValues {
  values: Value[];
  /** True if the server may have more values. */
  isTruncated: boolean;
}

const NONE: LiteralValues = { values: [], isTruncated: false };
/** Minimum number of typed characters for which a truncated list is requested again with the typed text. */
const MIN_SEARCH = 2;
/** Maximum number of processes whose streams are offered. Each process needs one lookup. */
const STREAM_PROCESSES = 5;

/** A time in UTC, without its seconds. */
function formatMinute(ms: number): string {
  return Number.isFinite(ms) ? `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC` : '?';
}

/** The program, the computer and the start of a process, in the language of the user. The time is in UTC. */
export function processLabel({ exe, computer, startMs }: ProcessInfo): string {
  return t('sql.completion.process-label', '{{exe}} on {{computer}}, started {{time}}', {
    exe,
    computer,
    time: formatMinute(startMs),
    interpolation: { escapeValue: false },
  });
}

function processValue(info: ProcessInfo): Value {
  const { processId, exe, computer, username } = info;
  return {
    value: processId,
    label: processLabel(info),
    detail: username,
    filterText: `${exe} ${computer} ${username} ${processId}`,
  };
}

/**
 * Reads a list. If the list is truncated and the author has typed at least `MIN_SEARCH` characters, reads the list once
 * more with these characters as the search string.
 */
async function searched<R extends LookupRequest & { search?: string }, T>(
  source: LookupSource,
  request: R,
  typed: string,
  toValue: (item: LookupResults[R['kind']]['items'][number]) => T
): Promise<{ values: T[]; isTruncated: boolean }> {
  const first = await source.lookup(request);
  const again =
    first?.isTruncated && typed.length >= MIN_SEARCH ? await source.lookup({ ...request, search: typed }) : undefined;
  const result = again ?? first;
  const items: Array<LookupResults[R['kind']]['items'][number]> = result?.items ?? [];
  return { values: items.map(toValue), isTruncated: first?.isTruncated ?? false };
}

function processes(source: LookupSource, typed: string): Promise<LiteralValues> {
  return searched(source, { kind: 'processes', range: source.range() }, typed, processValue);
}

/** Threads of the most recent processes that match: their streams with the tag `cpu`. */
async function threads(source: LookupSource, typed: string): Promise<LiteralValues> {
  const found = await source.lookup({ kind: 'processes', range: source.range(), ...(typed && { search: typed }) });
  const lists = (found?.items ?? []).slice(0, STREAM_PROCESSES).map(async (process): Promise<Value[]> => {
    const streams = await source.lookup({ kind: 'streams', processId: process.processId });
    return (streams?.items ?? [])
      .filter(({ tags }) => tags.includes('cpu'))
      .map(({ streamId, name }) => ({
        value: streamId,
        label: `${name || streamId}: ${processLabel(process)}`,
        filterText: `${process.exe} ${process.computer} ${name} ${streamId}`,
      }));
  });
  return { values: (await Promise.all(lists)).flat(), isTruncated: true };
}

async function viewSets(source: LookupSource): Promise<LiteralValues> {
  const sets = await source.lookup({ kind: 'view-sets' });
  const values = (sets?.items ?? []).filter(({ hasInstances }) => hasInstances);
  return {
    values: values.map(({ name }) => ({ value: name, ...detailOf(knownTable(name)?.description) })),
    isTruncated: false,
  };
}

function detailOf(detail: string | undefined): { detail?: string } {
  return detail === undefined ? {} : { detail };
}

/** Property keys of the column in the first argument. */
async function propertyKeys(
  { scope, argument }: Position,
  columns: ScopeColumns,
  source: LookupSource
): Promise<LiteralValues> {
  const tokens = argument?.before ?? [];
  const reference = columnBefore(tokens, tokens.length - 1);
  const stored = scope && reference && columns.find(scope, reference)?.stored;
  if (stored === undefined) {
    return NONE;
  }
  const keys = await source.lookup({ kind: 'property-keys', ...stored, range: source.range() });
  return { values: (keys?.items ?? []).map(({ key }) => ({ value: key })), isTruncated: false };
}

/** Values of the argument of a function. */
function argumentValues(position: Position, columns: ScopeColumns, source: LookupSource): Promise<LiteralValues> {
  const { argument, typed = '' } = position;
  const { name = '', index = 0, before = [] } = argument ?? {};
  const place = `${name} ${index}`;
  switch (place) {
    case 'view_instance 0':
      return viewSets(source);
    case 'view_instance 1': {
      const set = before[0]?.kind === 'string' ? sqlTokenValue(before[0]) : '';
      return knownTable(set)?.instance === 'stream' ? threads(source, typed) : processes(source, typed);
    }
    case 'process_spans 0':
    case 'perfetto_trace_chunks 0':
      return processes(source, typed);
    case 'property_get 1':
    case 'jsonb_get 1':
      return propertyKeys(position, columns, source);
    default:
      return Promise.resolve({
        values: fixedArguments(name, index).map((value) => ({ value })),
        isTruncated: false,
      });
  }
}

function isString({ type }: ScopeColumn): boolean {
  return /utf8/i.test(type);
}

/** Values of the column with which a literal is compared. */
async function columnValues(
  column: ScopeColumn,
  { property }: ValueOwner,
  typed: string,
  source: LookupSource
): Promise<LiteralValues> {
  const { stored } = column;
  if (stored === undefined) {
    return NONE;
  }
  const range = source.range();
  if (property !== undefined) {
    return searched(source, { kind: 'values', ...stored, property, range }, typed, ({ value }) => ({ value }));
  }
  if (stored.column === 'process_id') {
    return processes(source, typed);
  }
  if (stored.table === 'measures' && stored.column === 'name') {
    const measures = await searched(source, { kind: 'measures', range }, typed, ({ name, unit }) => ({
      value: name,
      ...detailOf(unit),
    }));
    const byName = new StringMap(measures.values.map((measure) => [measure.value, measure]));
    return { ...measures, values: [...byName.values()] };
  }
  if (!isString(column) || HIGH_CARDINALITY.has(stored.column)) {
    return NONE;
  }
  return searched(source, { kind: 'values', ...stored, range }, typed, ({ value }) => ({ value }));
}

/** The values that can stand in the quotes at the cursor. */
export async function literalValues(
  position: Position,
  columns: ScopeColumns,
  source: LookupSource
): Promise<LiteralValues> {
  const { compared, scope, typed = '' } = position;
  if (compared === undefined) {
    return argumentValues(position, columns, source);
  }
  const column = scope && columns.find(scope, compared);
  return column === undefined ? NONE : columnValues(column, compared, typed, source);
}

/** Suggestions that replace the string inside the quotes. */
export function literalSuggestions(values: readonly Value[], isClosed: boolean): Suggestion[] {
  return values.map(({ value, label = value, detail, filterText = value }) => ({
    label,
    insertText: `${escapeLiteral(value)}${isClosed ? '' : "'"}`,
    isSnippet: false,
    kind: 'value',
    filterText,
    ...(detail !== undefined && { detail }),
  }));
}

/** The levels of log messages, as numbers. */
export function levelSuggestions(): Suggestion[] {
  return LEVELS_BY_NUMBER.slice(1).map((name, index) => ({
    label: `${index + 1} ${name}`,
    insertText: String(index + 1),
    isSnippet: false,
    kind: 'value',
    detail: t('sql.completion.level', 'level'),
  }));
}
