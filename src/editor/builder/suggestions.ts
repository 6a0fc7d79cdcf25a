/** Options of the builder's lists: results of lookups, columns and dashboard variables. */
import { StringMap, StringSet } from '../../../contract/string-map';
import { type TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { type ComboboxOption } from '@grafana/ui';
import { uniqBy } from 'lodash';
import { type ColumnRef } from '../../../contract/builder/builder-state';
import { VERSION_KEYS } from '../../../contract/query-types/processes';
import {
  isInstanceId,
  type LookupResults,
  type LookupRange,
  type LookupRequest,
  type LookupTable,
  type ProcessInfo,
  type StreamInfo,
  type StreamTag,
} from '../../../contract/resources/lookups';
import { type ColumnInfo } from '../../../contract/resources/resources';
import { failureMessage } from '../../shared/failure-message';
import { lookupRange } from '../../shared/lookups/lookup-range';
import { type Lookups } from '../../shared/lookups/lookups';
import { type SchemaStore } from '../../shared/schema/schema-store';
import { isOnlyPerInstance } from '../../shared/sql/known-tables';
import { PROCESS_SPANS, typeLabel } from './column-refs';

export type Option = ComboboxOption<string>;

/** Maximum number of measures, and of options that `matching` returns. The user narrows a longer list by typing. */
const MAX_OPTIONS = 200;
/** Maximum number of parts in the description of a measure: its unit, targets and programs. */
const MAX_DESCRIPTION_PARTS = 7;
/** Maximum number of processes that are probed for spans. */
const MAX_CANDIDATES = 8;
/** Maximum number of processes that `spanProcesses` returns. */
const MAX_SPAN_PROCESSES = 3;
/** Tag of streams with OpenTelemetry spans. */
const SPAN_TAG = 'trace';
/** Tag of streams with the calls of a thread. */
export const THREAD_TAG = 'cpu';

/** Levels of log entries, from the most severe one. */
export const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

interface SuggestionSource {
  lookups: Lookups;
  /** The time range of the panel. Undefined if Grafana passes none to the editor. */
  range: TimeRange | undefined;
  /** Names of the dashboard variables, without `$`. */
  variables: readonly string[];
  /** Replaces the dashboard variables in SQL by their values. */
  interpolate: (sql: string) => string;
  schema: SchemaStore;
  now: () => number;
  /** Called with the error of each failed lookup, and with undefined when a lookup that was sent later succeeds. */
  onLookup: (error: string | undefined) => void;
}

/**
 * A measure. `label` is its name. `value` is the result of `measureLabel`, so that measures with equal names have
 * different values.
 */
export type MeasureOption = Option & { name: string; unit: string };

/** A table or view that the builder can read. */
export interface TableChoice {
  name: string;
  /** False if the view can be read only for a process or stream. */
  isGlobal: boolean;
}

/**
 * The label of a measure: its name, followed by the unit if measures of this name have several units.
 *
 * @param isOnly True if all measures of this name have the same unit.
 */
export function measureLabel(name: string, unit: string, isOnly: boolean): string {
  return isOnly || unit === '' ? name : `${name} (${unit})`;
}

/** The first 200 options that contain the typed text, in any letter case. */
export function matching(options: Option[], search: string): Option[] {
  const wanted = search.toLowerCase();
  return options
    .filter(
      ({ label, value }) => (label ?? value).toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted)
    )
    .slice(0, MAX_OPTIONS);
}

/**
 * The suggestions of one editor for one time range. Most methods report a failed lookup and return no suggestions. The
 * other methods reject, as their comments say.
 */
export class Suggestions {
  readonly #source: SuggestionSource;
  /** Number of failed lookups. */
  #failures = 0;

  constructor(source: SuggestionSource) {
    this.#source = source;
  }

  /** Dashboard variables, as `$name`. */
  variables(search = ''): Option[] {
    const group = t('builder.group.variables', 'Variables');
    return matching(
      this.#source.variables.map((name) => ({ value: `$${name}`, label: `$${name}`, group })),
      search
    );
  }

  /**
   * Dashboard variables, and values of a column or property. The values of `level` are the names of the levels. If
   * lookups cannot read the table, for example a view of an unknown process, the result has only the variables.
   */
  async values(table: LookupTable, ref: ColumnRef, search: string): Promise<Option[]> {
    const readable = this.#readable(table);
    if (readable === undefined) {
      return this.variables(search);
    }
    const found =
      ref.column === 'level' && ref.property === undefined
        ? LEVELS.map((value) => ({ value }))
        : await this.#items({ kind: 'values', ...readable, ...ref, ...(search && { search }), range: this.range() });
    const options = found.map(({ value }): Option => ({
      value,
      label: value,
      group: t('builder.group.values', 'Values'),
    }));
    return [...this.variables(search), ...matching(options, search)];
  }

  /** Dashboard variables, and the versions of processes. Programs save their version in different properties. */
  async versions(search: string): Promise<Option[]> {
    const found = await Promise.all(
      VERSION_KEYS.map((property) => this.values({ table: 'processes' }, { column: 'properties', property }, search))
    );
    return uniqBy(found.flat(), ({ value }) => value);
  }

  /** Columns of a table. */
  columns(columns: readonly ColumnInfo[]): Option[] {
    const group = t('builder.group.columns', 'Columns');
    return columns.map(({ name, type }) => ({ value: name, label: name, description: typeLabel(type), group }));
  }

  /** Keys of a JSONB column, as `<column>.<key>`. */
  async propertyKeys(table: LookupTable, column: string): Promise<Option[]> {
    const readable = this.#readable(table);
    if (readable === undefined) {
      return [];
    }
    const keys = await this.#items({ kind: 'property-keys', ...readable, column, range: this.range() });
    return keys.map(({ key }) => ({ value: `${column}.${key}`, label: `${column}.${key}`, group: column }));
  }

  /** Measures by name and unit. The description has the unit, and the targets and programs that write the measure. */
  async measures(search: string, processId?: string): Promise<MeasureOption[]> {
    const id = this.#idOf(processId);
    const found = await this.#items({
      kind: 'measures',
      ...(search && { search }),
      ...(id !== undefined && { processId: id }),
      range: this.range(),
    });
    const measures = new StringMap<{ name: string; unit: string; description: StringSet }>();
    const units = new StringMap<StringSet>();
    for (const { name, unit, target, exe } of found) {
      const key = JSON.stringify([name, unit]);
      const entry = measures.get(key) ?? { name, unit, description: new StringSet([unit]) };
      entry.description.add(target).add(exe);
      measures.set(key, entry);
      units.set(name, (units.get(name) ?? new StringSet()).add(unit));
    }
    return [...measures.values()].slice(0, MAX_OPTIONS).map(({ name, unit, description }) => ({
      value: measureLabel(name, unit, units.get(name)?.size === 1),
      label: name,
      name,
      unit,
      description: [...description]
        .filter((part) => part !== '')
        .slice(0, MAX_DESCRIPTION_PARTS)
        .join(' · '),
    }));
  }

  /**
   * The tables that the server lists, and the view sets with instances that it does not list as tables, in alphabetical
   * order.
   */
  async tables(): Promise<TableChoice[]> {
    const [names, viewSets] = await Promise.all([this.#source.schema.tableNames(), this.#items({ kind: 'view-sets' })]);
    const tables = new StringSet(names);
    const others = viewSets.filter(({ name, hasInstances }) => hasInstances && !tables.has(name));
    return [
      ...[...tables].map((name) => ({ name, isGlobal: true })),
      ...others.map(({ name, isGlobal }) => ({ name, isGlobal })),
    ].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Processes, most recent first. Rejects if the lookup fails. */
  async processes(search: string, has?: StreamTag): Promise<{ items: ProcessInfo[]; isTruncated: boolean }> {
    return this.#source.lookups.get({ kind: 'processes', ...(search && { search }), has, range: this.range() });
  }

  /** Dashboard variables, and the programs, computers or users of the processes in the time range. */
  async processStrings(field: 'exe' | 'computer' | 'username', search: string): Promise<Option[]> {
    const found = await this.#items({ kind: 'processes', ...(search && { search }), range: this.range() });
    const group = t('builder.group.values', 'Values');
    const values = [...new StringSet(found.map((process) => process[field]))].filter((value) => value !== '');
    return [
      ...this.variables(search),
      ...matching(
        values.map((value) => ({ value, label: value, group })),
        search
      ),
    ];
  }

  /**
   * Ids of at most three recent processes that sent OpenTelemetry spans.
   *
   * @param programs Only processes of these programs. Empty: of all programs. Variables are ignored.
   */
  async spanProcesses(programs: readonly string[]): Promise<string[]> {
    const names = programs.filter((name) => !name.includes('$'));
    const search = names.length === 1 && { search: names[0] };
    const found = await this.#items({ kind: 'processes', ...search, range: this.range() });
    const candidates = found.filter(({ exe }) => names.length === 0 || names.includes(exe)).slice(0, MAX_CANDIDATES);
    const streams = await Promise.all(candidates.map(({ processId }) => this.#items({ kind: 'streams', processId })));
    return candidates
      .filter((_, index) => streams[index].some(({ tags }) => tags.includes(SPAN_TAG)))
      .slice(0, MAX_SPAN_PROCESSES)
      .map(({ processId }) => processId);
  }

  /** The threads of a process that have a stream of calls, in alphabetical order. The value is the id of the stream. */
  async threads(processId: string): Promise<Option[]> {
    const id = this.#idOf(processId);
    const streams = id === undefined ? [] : await this.#items({ kind: 'streams', processId: id });
    return streams
      .filter(({ tags }) => tags.includes(THREAD_TAG))
      .map(({ streamId, name }) => ({
        value: streamId,
        label: name || streamId,
        ...(name && { description: streamId }),
      }))
      .sort((a, b) => (a.label < b.label ? -1 : 1));
  }

  /** Streams of a process. Rejects if the lookup fails. */
  async streams(processId: string): Promise<{ items: StreamInfo[]; isTruncated: boolean }> {
    return this.#source.lookups.get({ kind: 'streams', processId });
  }

  /** False if the data source suggests no values. Then the lists have no values, measures or processes. */
  get suggestsValues(): boolean {
    return this.#source.lookups.suggestsValues;
  }

  /** The time range from which values are read: the range of the panel, or the last hour if there is none. */
  range(): LookupRange {
    return lookupRange(this.#source.range, this.#source.now);
  }

  /** The id of a process or stream, with variables replaced. Undefined if the result is not exactly one id. */
  #idOf(value: string | undefined): string | undefined {
    // Between quotes, interpolation inserts one value as it is, but several values as several quoted strings.
    const quoted = value === undefined ? '' : this.#source.interpolate(`'${value}'`);
    const [, id = ''] = /^'([^']*)'$/.exec(quoted) ?? [];
    return isInstanceId(id) ? id : undefined;
  }

  /**
   * The table that a lookup reads, with the id of the process or stream if the id is known. Undefined for
   * `PROCESS_SPANS`. Also undefined for a view that exists only per process or stream, if the id is unknown.
   */
  #readable({ table, instanceId }: LookupTable): LookupTable | undefined {
    const id = this.#idOf(instanceId);
    if (table === PROCESS_SPANS) {
      return undefined;
    }
    if (id !== undefined) {
      return { table, instanceId: id };
    }
    return isOnlyPerInstance(table) ? undefined : { table };
  }

  /** Items of a lookup. Empty after a failure, which the builder reports as a notice. */
  async #items<R extends LookupRequest>(request: R): Promise<LookupResults[R['kind']]['items']> {
    const failures = this.#failures;
    try {
      const { items } = await this.#source.lookups.get(request);
      // If another lookup has failed since this lookup was sent, the notice about that failure stays.
      if (failures === this.#failures) {
        this.#source.onLookup(undefined);
      }
      return items;
    } catch (reason) {
      this.#failures++;
      this.#source.onLookup(failureMessage(reason));
      return [];
    }
  }
}
