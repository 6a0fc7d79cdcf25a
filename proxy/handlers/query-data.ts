/**
 * Runs the queries of a panel, Explore, a variable or an alert rule.
 *
 * All queries of a request run at the same time. A failed query gets an error as its response, and the other queries
 * are not affected.
 */
import { StringMap } from '../../contract/string-map';
import { ProxyError } from '../base/errors/proxy-error';
import { type BuiltFrames } from '../frames/data-frames/frame-options';
import { type MemoryAccount } from '../observe/memory/memory-account';
import { type DataResponse, type QueryDataResult, type QueryDataRequest } from '../query/plugin-request';
import { failedResponse } from '../query/query-record';
import { type RequestedQuery } from '../query/query-run';
import { prepareQuery } from '../query/prepare-query';
import {
  accountOptions,
  deadlineOf,
  failedQueries,
  acquireInstance,
  openQueries,
  type QueryDataDeps,
} from './open-request';

/** Maximum number of restarts of a query that gets no memory. */
const MAX_RESTARTS = 2;

/** The account of one query. It is replaced when the query restarts. */
interface QueryAccount {
  current: MemoryAccount;
  /** Opens a new account, which gets memory only after the accounts that were opened earlier. */
  reopen(): MemoryAccount;
}

/**
 * Runs the query, and returns its frames. A query that gets no memory is restarted with a new account. This is possible
 * because no part of its result has been sent yet.
 */
async function framesOf(
  account: QueryAccount,
  frames: (memory: MemoryAccount) => Promise<BuiltFrames>
): Promise<BuiltFrames> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await frames(account.current);
    } catch (reason) {
      if (!(reason instanceof ProxyError && reason.code === 'memory_busy') || restarts >= MAX_RESTARTS) {
        throw reason;
      }
      account.current.close();
      account.current = account.reopen();
    }
  }
}

async function responseOf(requested: RequestedQuery, account: QueryAccount): Promise<DataResponse> {
  const { record, request, deadline } = requested;
  try {
    const prepared = await prepareQuery(requested);
    const { frames, rows, bytes } = await framesOf(account, prepared.frames);
    // Frees the query's buffers that its frames do not use.
    account.current.end(frames.flat());
    record.succeeded(rows, bytes);
    return { frames, encoding: request.encoding, status: 200 };
  } catch (reason) {
    account.current.end([]);
    return record.failed(deadline.errorOf(reason));
  }
}

/**
 * Runs all queries of a request, and returns their responses. Never rejects: a failed query has a response with an
 * error.
 */
export async function queryData(
  request: QueryDataRequest,
  deps: QueryDataDeps,
  signal: AbortSignal
): Promise<QueryDataResult> {
  const handle = acquireInstance(request, deps);
  if (handle instanceof ProxyError) {
    const response = failedResponse(handle, request.context.user);
    return {
      responses: new StringMap(failedQueries(request).map(({ refId }) => [refId, response])),
      done: () => undefined,
    };
  }
  const call = deps.memory.open();
  const deadline = deadlineOf(handle.instance, deps, signal);
  const queries = openQueries(request, handle.instance, deadline, deps);
  // All accounts are opened before the first query runs.
  const accounts = queries.map((requested): QueryAccount => {
    const options = { ...accountOptions(requested), pooled: true };
    const reopen = () => call.open(options);
    return { current: reopen(), reopen };
  });
  const done = () => {
    deadline.end();
    call.close();
    queries.forEach(({ record }) => record.end());
  };
  try {
    const responses = await Promise.all(
      queries.map(
        async (requested, index) => [requested.query.refId, await responseOf(requested, accounts[index])] as const
      )
    );
    queries.forEach(({ record }) => record.sending());
    return { responses: new StringMap(responses), deadline: deadline.signal, done };
  } catch (reason) {
    done();
    throw reason;
  } finally {
    handle.release();
  }
}
