/** Runs a lookup, such as the list of measures for an editor, with the sign-in of the caller. */
import {
  type FunctionHelp,
  type FunctionList,
  type LookupResults,
  type LookupList,
  type LookupRequest,
  type MeasureInfo,
  type ProcessInfo,
  type PropertyKeyInfo,
  readsTelemetry,
  STREAM_TAGS,
  type StreamInfo,
  type TelemetryInfo,
  type ValueInfo,
  type ViewSetInfo,
} from '../../../contract/resources/lookups';
import { type IpcMessage, readRows } from '../../frames/arrow-ipc';
import { type StartTimer, TimeoutError, withLimits } from '../../base/async/with-limits';
import { foreignString } from '../../base/errors/foreign-string';
import { ProxyError } from '../../base/errors/proxy-error';
import { type InstanceCall } from '../../lakehouse/instances/instance';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import {
  lookupStatements,
  type LookupStatement,
  MAX_FUNCTIONS,
  MAX_ITEM_CHARACTERS,
  MAX_ITEMS,
  MAX_OFFERED_PROCESSES,
} from './lookup-sql';

/** Time limit of a lookup in milliseconds, for all of its statements together. */
const LIMIT_MS = 10_000;

/** Maximum number of tags of a stream. */
const MAX_TAGS = 50;

/** Maximum length of a function's description, in characters. */
const MAX_HELP_CHARACTERS = 300;

/** Estimated bytes of an item as a JavaScript object, in addition to two bytes for each character of its strings. */
const ITEM_HEAP_BYTES = 256;

/** Matches names of functions that change the lakehouse or its rules, such as `retire_partitions`. */
const CHANGES_THE_LAKE =
  /^(retire|regenerate|materialize|deny|remove|delete|drop|create|insert|update|truncate|grant|revoke|set|add)_/;

type Row = ReturnType<typeof readRows> extends AsyncGenerator<infer R> ? R : never;

/** Converts the rows of a lookup to items. */
interface ItemReader<T> {
  max: number;
  /** Undefined: the row is left out. */
  read: (row: Row) => T | undefined;
}

/** @returns Milliseconds since 1970; 0 when missing or unreadable. */
function millisecondsOf(row: Row, column: string): number {
  return Date.parse(row.string(column)) || 0;
}

/** A string for display. Long strings are truncated. */
function labelOf(row: Row, column: string): string {
  return row.string(column).slice(0, MAX_ITEM_CHARACTERS);
}

function tagsOf(row: Row, column: string): string[] {
  const list = row.value(column);
  const tags = Array.isArray(list) ? list.filter((tag): tag is string => typeof tag === 'string' && isListed(tag)) : [];
  return tags.slice(0, MAX_TAGS);
}

function isListed(value: string): boolean {
  return value !== '' && value.length <= MAX_ITEM_CHARACTERS;
}

const PROPERTY_KEYS: ItemReader<PropertyKeyInfo> = {
  max: MAX_ITEMS,
  read(row) {
    const key = row.string('key');
    return isListed(key) ? { key } : undefined;
  },
};

const VALUES: ItemReader<ValueInfo> = {
  max: MAX_ITEMS,
  read(row) {
    const value = row.string('value');
    return isListed(value) ? { value } : undefined;
  },
};

const VIEW_SETS: ItemReader<ViewSetInfo> = {
  max: MAX_ITEMS,
  read: (row) => ({
    name: labelOf(row, 'view_set_name'),
    isGlobal: row.value('global_instance_available') === true,
    hasInstances: row.value('has_view_maker') === true,
  }),
};

const PROCESSES: ItemReader<ProcessInfo> = {
  max: MAX_OFFERED_PROCESSES,
  read: (row) => ({
    processId: labelOf(row, 'process_id'),
    exe: labelOf(row, 'exe'),
    computer: labelOf(row, 'computer'),
    username: labelOf(row, 'username'),
    startMs: millisecondsOf(row, 'start_time'),
    lastUpdateMs: millisecondsOf(row, 'last_update_time'),
  }),
};

const TELEMETRY: ItemReader<TelemetryInfo> = {
  max: MAX_ITEMS,
  read: (row) => ({
    processId: labelOf(row, 'process_id'),
    exe: labelOf(row, 'exe'),
    startMs: millisecondsOf(row, 'start_time'),
    lastUpdateMs: millisecondsOf(row, 'last_update'),
    has: STREAM_TAGS.filter((tag) => Number(row.value(`has_${tag}`)) === 1),
  }),
};

const STREAMS: ItemReader<StreamInfo> = {
  max: MAX_ITEMS,
  read: (row) => ({ streamId: labelOf(row, 'stream_id'), tags: tagsOf(row, 'tags'), name: labelOf(row, 'name') }),
};

const MEASURES: ItemReader<MeasureInfo> = {
  max: MAX_ITEMS,
  read: (row) => ({
    name: labelOf(row, 'name'),
    unit: labelOf(row, 'unit'),
    target: labelOf(row, 'target'),
    exe: labelOf(row, 'exe'),
  }),
};

const KINDS: readonly unknown[] = ['scalar', 'aggregate', 'window', 'table'] satisfies Array<FunctionHelp['kind']>;

function isFunctionKind(kind: unknown): kind is FunctionHelp['kind'] {
  return KINDS.includes(kind);
}

/** The first sentence of a description. If the sentence does not end in the first line, the first line. */
function firstSentence(description: string): string {
  const [line = ''] = description.trim().split(/\n|(?<=\.) /, 1);
  return foreignString(line, MAX_HELP_CHARACTERS);
}

const FUNCTIONS: ItemReader<{ name: string; help: FunctionHelp }> = {
  max: MAX_FUNCTIONS,
  read(row) {
    const name = row.string('routine_name');
    const kind = row.string('kind').toLowerCase();
    if (!isListed(name) || CHANGES_THE_LAKE.test(name) || !isFunctionKind(kind)) {
      return undefined;
    }
    const syntax = firstSentence(row.string('syntax'));
    const description = firstSentence(row.string('description'));
    return { name, help: { kind, ...(syntax !== '' && { syntax }), ...(description !== '' && { description }) } };
  },
};

/** Reads the items, and adds their estimated bytes to the account. */
async function readList<T>(
  messages: AsyncIterable<IpcMessage>,
  memory: MemoryAccount,
  { max, read }: ItemReader<T>
): Promise<LookupList<T>> {
  const items: T[] = [];
  let heapBytes = 0;
  let rows = 0;
  for await (const row of readRows(messages, memory)) {
    rows++;
    if (rows > max) {
      return { items, isTruncated: true };
    }
    const item = read(row);
    if (item !== undefined) {
      items.push(item);
      heapBytes += ITEM_HEAP_BYTES + 2 * JSON.stringify(item).length;
      memory.note(0, heapBytes);
    }
  }
  return { items, isTruncated: false };
}

/** The caller of a lookup, and the function that runs its statements. */
export interface LookupCall {
  /** `Instance.execute`. */
  execute: (sql: string, call: InstanceCall) => AsyncIterable<IpcMessage>;
  call: InstanceCall;
  /** False if value suggestions are off in the data source. */
  suggestsValues: boolean;
  /** Milliseconds since 1970. */
  nowMs: number;
  /** For tests. */
  startTimer?: StartTimer;
}

async function runStatements<T>(
  statements: readonly LookupStatement[],
  { execute, call }: LookupCall,
  signal: AbortSignal,
  reader: ItemReader<T>
): Promise<LookupList<T>> {
  const last = statements.length - 1;
  for (const [index, { sql, range }] of statements.entries()) {
    try {
      return await readList(execute(sql, { ...call, signal, ...(range && { range }) }), call.memory, reader);
    } catch (reason) {
      if (signal.reason instanceof TimeoutError) {
        throw new ProxyError('lookup_timeout', { cause: reason });
      }
      if (index === last || !(reason instanceof ProxyError && reason.code === 'query_invalid')) {
        throw reason;
      }
    }
  }
  throw new ProxyError('internal', { cause: new Error('The lookup has no statement.') });
}

function functionList({ items, isTruncated }: LookupList<{ name: string; help: FunctionHelp }>): FunctionList {
  const help = Object.fromEntries(items.map((item) => [item.name, item.help]));
  return { items: items.map((item) => item.name), isTruncated, help };
}

/**
 * Returns the result of a lookup.
 *
 * @throws {ProxyError} 'lookups_off'; 'lookup_timeout'; the error of the server, for example for an unknown column.
 */
export async function runLookup(
  request: LookupRequest,
  lookup: LookupCall
): Promise<LookupResults[LookupRequest['kind']]> {
  if (!lookup.suggestsValues && readsTelemetry(request.kind)) {
    throw new ProxyError('lookups_off');
  }
  const statements = lookupStatements(request, lookup.nowMs);
  const limits = { limitMs: LIMIT_MS, signal: lookup.call.signal, awaitsWork: true, startTimer: lookup.startTimer };
  return withLimits(limits, (signal) => {
    const list = <T>(reader: ItemReader<T>) => runStatements(statements, lookup, signal, reader);
    switch (request.kind) {
      case 'view-sets':
        return list(VIEW_SETS);
      case 'functions':
        return list(FUNCTIONS).then(functionList);
      case 'property-keys':
        return list(PROPERTY_KEYS);
      case 'values':
        return list(VALUES);
      case 'processes':
        return list(PROCESSES);
      case 'telemetry':
        return list(TELEMETRY);
      case 'streams':
        return list(STREAMS);
      case 'measures':
        return list(MEASURES);
    }
  });
}
