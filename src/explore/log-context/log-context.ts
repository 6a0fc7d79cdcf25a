/** Context of a log line: the state and the requests of Grafana's dialog. Only one dialog is open at a time. */
import {
  type DataQueryResponse,
  type LogRowContextOptions,
  LogRowContextQueryDirection,
  type LogRowModel,
} from '@grafana/data';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderCondition, type LogsState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type ContextScope } from '../../../contract/logs/log-context';
import { StringMap } from '../../../contract/string-map';
import { type MicromegasApi, type MicromegasQuery } from '../../shared/types';
import { reasonMessage } from './context-labels';
import { loadContext } from './load-context';
import { type IdentifiedLine, identifyLine, valueOf } from './log-line';

const FIRST_SCOPE: ContextScope = 'process';

type FailureListener = (failure: string | undefined) => void;

/** One per data source. The first scope is `process`. When the dialog closes, `reset` restores this scope. */
export class LogContext {
  readonly #source: Pick<MicromegasApi, 'query' | 'getRef'>;
  readonly #listeners = new Set<FailureListener>();
  #scope = FIRST_SCOPE;
  /**
   * Reasons of failures by direction, because Grafana requests both directions at once. Each choice of a scope starts a
   * new map.
   */
  #failures = new StringMap<string>();

  constructor(source: Pick<MicromegasApi, 'query' | 'getRef'>) {
    this.#source = source;
  }

  get scope(): ContextScope {
    return this.#scope;
  }

  /**
   * Why the last request of a direction failed. Undefined if the last request of each direction succeeded. Grafana's
   * dialog itself shows no reason.
   */
  get failure(): string | undefined {
    const [first] = this.#failures.values();
    return first;
  }

  choose(scope: ContextScope): void {
    this.#scope = scope;
    this.#failures = new StringMap();
    this.#notify();
  }

  reset(): void {
    this.choose(FIRST_SCOPE);
  }

  /** @returns A function that ends the subscription. */
  onFailure(listener: FailureListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * The neighbours of a line in one direction.
   *
   * @throws {Error} with the reason, if the line has no context, or if the request failed.
   */
  async load(row: LogRowModel, options?: LogRowContextOptions): Promise<DataQueryResponse> {
    const line = identifyLine(row);
    if (typeof line === 'string') {
      throw new Error(reasonMessage(line));
    }
    const direction = options?.direction ?? LogRowContextQueryDirection.Backward;
    const refId = `log-context-${row.dataFrame.refId ?? 'A'}-${direction}`;
    // If the request ends after the user has chosen another scope or closed the dialog, it changes a map that is no
    // longer used.
    const failures = this.#failures;
    try {
      const response = await loadContext((request) => this.#source.query(request), line, this.#scope, refId, options);
      failures.delete(direction);
      return response;
    } catch (reason) {
      failures.set(direction, reason instanceof Error ? reason.message : String(reason));
      throw reason;
    } finally {
      this.#notify();
    }
  }

  /** The query of the split view. Null for a line without a time or a valid process ID. */
  query(row: LogRowModel, original: MicromegasQuery | undefined): MicromegasQuery | null {
    const line = identifyLine(row);
    if (typeof line === 'string') {
      return null;
    }
    const base = { refId: original?.refId ?? row.dataFrame.refId ?? 'A', datasource: this.#source.getRef() };
    return splitQuery(line, this.#scope, valueOf(row, 'computer'), base);
  }

  #notify(): void {
    this.#listeners.forEach((listener) => listener(this.failure));
  }
}

function equal(column: string, value: string): BuilderCondition {
  return { column, type: 'text', operator: '=', values: [value] };
}

/**
 * The query that Grafana opens beside the result: the lines of the scope, in the query builder.
 *
 * @param computer Undefined if the result lacks it. Then the scope `computer` shows the lines of the process.
 */
function splitQuery(
  { processId, marks }: IdentifiedLine,
  scope: ContextScope,
  computer: string | undefined,
  base: Pick<MicromegasQuery, 'refId' | 'datasource'>
): MicromegasQuery {
  const isOfComputer = scope === 'computer' && computer !== undefined;
  const builder: LogsState = {
    ...newState('logs'),
    ...(!isOfComputer && { processId }),
    conditions: [
      ...(isOfComputer ? [equal('computer', computer)] : []),
      ...(scope === 'target' && marks.target !== undefined ? [equal('target', marks.target)] : []),
    ],
  };
  const { sql, format, rowLimit } = builderQuery(builder);
  return {
    ...base,
    query: sql,
    format,
    rowLimit,
    timeFilter: true,
    autoLimit: false,
    rawEditor: false,
    version: 2,
    builder,
  };
}
