/** What the lists of the builder offer: answers of lookups, columns and dashboard variables. */
import { type TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { type ComboboxOption } from '@grafana/ui';
import { type ColumnRef } from '../../contract/builder/builder-state';
import {
  type LookupAnswers,
  type LookupRange,
  type LookupRequest,
  type LookupTable,
  type ProcessInfo,
} from '../../contract/lookups';
import { type ColumnInfo } from '../../contract/resources';
import { failureText } from '../failure-text';
import { type Lookups } from '../lookups/lookups';
import { jsonColumns, PROCESS_SPANS } from './column-refs';

export type Option = ComboboxOption<string>;

/** Options of one list. The user narrows a longer list by typing. */
const MAX_OPTIONS = 200;
const HOUR_MS = 3_600_000;

/** Levels of log entries, from the most severe one. */
export const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export interface SuggestionSource {
  lookups: Lookups;
  /** The time range of the panel. Undefined where there is none, for example in the variable editor. */
  range: TimeRange | undefined;
  /** Names of the dashboard variables, without `$`. */
  variables: readonly string[];
  now: () => number;
  /** Called with the error of a failed lookup, and with undefined after a successful one. */
  onLookup: (error: string | undefined) => void;
}

/** Options that contain the typed text, in any letter case. */
function matching(options: Option[], search: string): Option[] {
  const wanted = search.toLowerCase();
  return options
    .filter(
      ({ label, value }) => (label ?? value).toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted)
    )
    .slice(0, MAX_OPTIONS);
}

export class Suggestions {
  readonly #source: SuggestionSource;

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

  /** Values of a column or property. For `level`, the names of the levels. */
  async values(table: LookupTable, ref: ColumnRef, search: string): Promise<Option[]> {
    if (table.table === PROCESS_SPANS) {
      return this.variables(search);
    }
    const found =
      ref.column === 'level' && ref.property === undefined
        ? LEVELS.map((value) => ({ value }))
        : await this.#items({ kind: 'values', ...table, ...ref, ...(search && { search }), range: this.range() });
    const options = found.map(({ value }): Option => ({
      value,
      label: value,
      group: t('builder.group.values', 'Values'),
    }));
    return [...this.variables(search), ...matching(options, search)];
  }

  /** Columns of a table, and the keys of its properties. */
  async columns(table: LookupTable, columns: readonly ColumnInfo[], search: string): Promise<Option[]> {
    const plain = columns.map(({ name, type }): Option => ({
      value: name,
      label: name,
      description: type,
      group: t('builder.group.columns', 'Columns'),
    }));
    const keys = await Promise.all(jsonColumns(columns).map((column) => this.propertyKeys(table, column)));
    return [...matching(plain, search), ...matching(keys.flat(), search)];
  }

  /** Keys of a JSONB column, as `<column>.<key>`. */
  async propertyKeys(table: LookupTable, column: string): Promise<Option[]> {
    const keys = await this.#items({ kind: 'property-keys', ...table, column, range: this.range() });
    return keys.map(({ key }) => ({ value: `${column}.${key}`, label: key, group: column }));
  }

  /** Measures by name. The description has the unit, and the targets and programs that write the measure. */
  async measures(search: string, processId?: string): Promise<Array<Option & { unit: string }>> {
    const found = await this.#items({
      kind: 'measures',
      ...(search && { search }),
      ...(processId && { processId }),
      range: this.range(),
    });
    const byName = new Map<string, { unit: string; sources: Set<string> }>();
    for (const { name, unit, target, exe } of found) {
      const entry = byName.get(name) ?? { unit, sources: new Set<string>() };
      entry.sources.add([target, exe].filter((part) => part !== '').join(' · '));
      byName.set(name, entry);
    }
    return [...byName].slice(0, MAX_OPTIONS).map(([name, { unit, sources }]) => ({
      value: name,
      label: name,
      unit,
      description: [unit, [...sources].slice(0, 3).join(', ')].filter((part) => part !== '').join(' · '),
    }));
  }

  /** Processes, most recent first. Unlike the other lists, this one rejects if the lookup fails. */
  async processes(search: string): Promise<{ items: ProcessInfo[]; isTruncated: boolean }> {
    return this.#source.lookups.get({ kind: 'processes', ...(search && { search }), range: this.range() });
  }

  /** The time range from which values are read. */
  range(): LookupRange {
    const { range, now } = this.#source;
    return range
      ? { fromMs: range.from.valueOf(), toMs: range.to.valueOf() }
      : { fromMs: now() - HOUR_MS, toMs: now() };
  }

  /** Items of a lookup. Empty after a failure, which the builder reports as a notice. */
  async #items<R extends LookupRequest>(request: R): Promise<LookupAnswers[R['kind']]['items']> {
    try {
      const { items } = await this.#source.lookups.get(request);
      this.#source.onLookup(undefined);
      return items;
    } catch (reason) {
      this.#source.onLookup(failureText(reason));
      return [];
    }
  }
}
