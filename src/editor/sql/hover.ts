/** The help that the SQL editor shows for the word under the mouse. */
import { t } from '@grafana/i18n';
import { type MeasureInfo } from '../../../contract/resources/lookups';
import { MACROS, formatMacro, macroUsage } from '../../../contract/sql/macros';
import { isSqlWord, type SqlToken, sqlTokenValue, tokenizeSql } from '../../../contract/sql/sql-scan';
import { type CompletionSource } from './completion';
import { functionInfo, serverFunction } from '../../shared/sql/functions';
import { columnDescription, knownTable, LEVELS_BY_NUMBER } from '../../shared/sql/known-tables';
import { processLabel } from './literal-suggestions';
import { comparedBefore, isLevelColumn } from '../../shared/sql/literal-context';
import { ScopeColumns } from '../../shared/sql/scope-columns';
import { tokenName, type SelectOutline } from '../../shared/sql/outline-level';
import { scopeAt, sqlOutline } from '../../shared/sql/sql-outline';

/** Offsets are UTF-16 units. `title` and `description` may contain strings of the server, which are not Markdown. */
export interface Hover {
  /** Offsets of the word. */
  start: number;
  end: number;
  /** Shown as code. */
  title: string;
  /** Plain text; empty if there is no description. */
  description: string;
}

/** Option of `t`: inserts values without HTML escaping. `monaco-providers.ts` escapes the description for Markdown. */
const PLAIN = { escapeValue: false };

/** The help for a word. Undefined if there is none. */
type WordHelp = Pick<Hover, 'title' | 'description'> | undefined;

/** A word and the SQL around it. */
interface Place {
  /** The tokens of the SQL, without comments. `index` is the index of the word. */
  tokens: readonly SqlToken[];
  index: number;
  scopes: readonly SelectOutline[];
  scope: SelectOutline | undefined;
}

function tokenIndexAt(tokens: readonly SqlToken[], offset: number): number {
  return tokens.findIndex(({ start, end }) => start <= offset && offset < end);
}

function placeholder(raw: string, source: CompletionSource): WordHelp {
  const macro = MACROS.find((candidate) => formatMacro(candidate) === raw);
  if (macro !== undefined) {
    return { title: macroUsage(macro), description: macro.description };
  }
  const name = /^\$\{?(\w+)/.exec(raw)?.[1];
  return name !== undefined && source.variableNames().includes(name)
    ? { title: `$${name}`, description: t('sql.hover.variable', 'Dashboard variable.') }
    : undefined;
}

/** The table whose name is at the offset. */
function tableAt({ scopes, tokens, index }: Place): string | undefined {
  const { start } = tokens[index];
  for (const { sources } of scopes) {
    const found = sources.find((source) => source.start === start && source.table !== undefined);
    if (found !== undefined) {
      return found.table;
    }
  }
  return undefined;
}

async function column(place: Place, source: CompletionSource): Promise<WordHelp> {
  const { tokens, index, scope, scopes } = place;
  const name = tokenName(tokens[index]);
  if (name === undefined || scope === undefined) {
    return undefined;
  }
  const qualifier = tokens[index - 1]?.raw === '.' ? tokenName(tokens[index - 2]) : undefined;
  const columns = await ScopeColumns.load(scopes, source.columns);
  const found = columns.find(scope, { name, ...(qualifier !== undefined && { qualifier }) });
  if (found === undefined) {
    const aliased = scope.sources.find((candidate) => candidate.name === name);
    return aliased?.table === undefined
      ? undefined
      : { title: `${name}: ${aliased.table}`, description: describeTable(aliased.table) };
  }
  const { type, stored, origin } = found;
  const description = stored && columnDescription(stored.table, stored.column);
  return {
    title: type === '' ? name : `${name}: ${type}`,
    description: [description, t('sql.hover.column', 'Column of {{origin}}.', { origin, interpolation: PLAIN })]
      .filter(Boolean)
      .join(' '),
  };
}

function describeTable(name: string): string {
  return knownTable(name)?.description ?? '';
}

async function word(place: Place, source: CompletionSource): Promise<WordHelp> {
  const { tokens, index } = place;
  const name = tokenName(tokens[index]) ?? '';
  if (tokens[index + 1]?.raw === '(') {
    const list = functionInfo(name) === undefined ? await source.lookup({ kind: 'functions' }) : undefined;
    const found = functionInfo(name) ?? (list?.items.includes(name) ? serverFunction(name, list.help) : undefined);
    return found && { title: `${found.name}(${found.args})`, description: found.description };
  }
  const table = tableAt(place);
  return table === undefined ? column(place, source) : { title: table, description: describeTable(table) };
}

/** The help for a literal: the unit of a measure, the process with an id, or the description of a view set. */
async function literal(place: Place, source: CompletionSource): Promise<WordHelp> {
  const { tokens, index, scope, scopes } = place;
  const value = sqlTokenValue(tokens[index]);
  if (isSqlWord(tokens[index - 2], 'view_instance')) {
    return knownTable(value) && { title: value, description: describeTable(value) };
  }
  const owner = comparedBefore(tokens, index);
  const columns = owner && scope && (await ScopeColumns.load(scopes, source.columns));
  const stored = owner && scope && columns?.find(scope, owner)?.stored;
  if (stored?.table === 'measures' && stored.column === 'name') {
    const measures = await source.lookup({ kind: 'measures', search: value, range: source.range() });
    const found = measures?.items.find(({ name }) => name === value);
    return (
      found && {
        title: found.name,
        description: describeMeasure(found),
      }
    );
  }
  const isProcess = stored?.column === 'process_id' || isInstanceId(tokens, index);
  return isProcess ? processOf(value, source) : undefined;
}

function describeMeasure({ unit, target }: MeasureInfo): string {
  return unit === ''
    ? t('sql.hover.measure-without-unit', 'Measure from {{target}}.', { target, interpolation: PLAIN })
    : t('sql.hover.measure', 'Measure in {{unit}}, from {{target}}.', { unit, target, interpolation: PLAIN });
}

function isInstanceId(tokens: readonly SqlToken[], index: number): boolean {
  return (
    isSqlWord(tokens[index - 2], 'process_spans', 'perfetto_trace_chunks') ||
    (isSqlWord(tokens[index - 4], 'view_instance') && tokens[index - 1].raw === ',')
  );
}

async function processOf(id: string, source: CompletionSource): Promise<WordHelp> {
  if (!/^[\w-]{8,}$/.test(id)) {
    return undefined;
  }
  const found = await source.lookup({ kind: 'processes', search: id, range: source.range() });
  const info = found?.items.find(({ processId }) => processId === id);
  return (
    info && {
      title: info.processId,
      description: t('sql.hover.process', 'Process of {{process}}, user {{user}}.', {
        process: processLabel(info),
        user: info.username,
        interpolation: PLAIN,
      }),
    }
  );
}

function level({ tokens, index }: Place): WordHelp {
  const isLevel = isLevelColumn(comparedBefore(tokens, index));
  const name = isLevel ? LEVELS_BY_NUMBER[Number(tokens[index].raw)] : undefined;
  return name ? { title: `level ${tokens[index].raw}`, description: `${name}.` } : undefined;
}

function describe(place: Place, source: CompletionSource): WordHelp | Promise<WordHelp> {
  const token = place.tokens[place.index];
  switch (token.kind) {
    case 'placeholder':
      return placeholder(token.raw, source);
    case 'word':
    case 'quoted-name':
      return word(place, source);
    case 'string':
      return literal(place, source);
    case 'number':
      return level(place);
    default:
      return undefined;
  }
}

/** The help for the word at an offset of the SQL. Undefined if there is none. */
export async function hoverAt(sql: string, offset: number, source: CompletionSource): Promise<Hover | undefined> {
  const tokens = tokenizeSql(sql).filter((token) => token.kind !== 'comment');
  const index = tokenIndexAt(tokens, offset);
  if (index < 0) {
    return undefined;
  }
  const scopes = sqlOutline(sql);
  const help = await describe({ tokens, index, scopes, scope: scopeAt(scopes, offset) }, source);
  return help && { start: tokens[index].start, end: tokens[index].end, ...help };
}
