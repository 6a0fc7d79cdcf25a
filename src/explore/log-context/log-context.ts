/** Context of a log line: the state and the requests of Grafana's dialog. Only one dialog is open at a time. */
import { type DataQueryResponse, type LogRowContextOptions, type LogRowModel } from '@grafana/data';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderCondition, type LogsState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type ContextScope } from '../../../contract/logs/log-context';
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
  #failure: string | undefined;

  constructor(source: Pick<MicromegasApi, 'query' | 'getRef'>) {
    this.#source = source;
  }

  get scope(): ContextScope {
    return this.#scope;
  }

  /** Why the last request failed. Undefined after a success. Grafana's dialog itself shows no reason. */
  get failure(): string | undefined {
    return this.#failure;
  }

  choose(scope: ContextScope): void {
    this.#scope = scope;
    this.#report(undefined);
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
    const refId = `log-context-${row.dataFrame.refId ?? 'A'}-${options?.direction ?? 'BACKWARD'}`;
    try {
      const response = await loadContext((request) => this.#source.query(request), line, this.#scope, refId, options);
      this.#report(undefined);
      return response;
    } catch (reason) {
      this.#report(reason instanceof Error ? reason.message : String(reason));
      throw reason;
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

  #report(failure: string | undefined): void {
    this.#failure = failure;
    this.#listeners.forEach((listener) => listener(failure));
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
