import { ProxyError } from '../base/errors/proxy-error';
import { createLogger } from '../observe/logging/logger';
import { type QuerySummary } from '../observe/telemetry/query-summary';
import { type QueryDataRequest } from '../query/plugin-request';
import { MAX_QUERIES } from '../query/request-bounds';
import { type QueryDataDeps } from './open-request';
import { queryChunkedData } from './query-chunked-data';
import { queryData } from './query-data';

const SAVED = { uid: 'lake', name: 'Lake', orgId: 1, jsonData: new Uint8Array(0), decryptedSecureJsonData: {} };

function requestOf(count: number, hasSettings = true): QueryDataRequest {
  return {
    context: { orgId: 1, dataSource: hasSettings ? { ...SAVED, lastUpdatedMs: 0 } : undefined },
    headers: {},
    encoding: 'arrow',
    queries: Array.from({ length: count }, (_, index) => ({ refId: `Q${index}` })),
  } as unknown as QueryDataRequest;
}

/** Dependencies of requests that fail before their queries run: the store rejects all settings. */
function benchOf() {
  const ended: QuerySummary[] = [];
  const deps = {
    observers: [{ queryEnded: (summary: QuerySummary) => ended.push(summary) }],
    logger: createLogger({ write: () => undefined }),
    now: () => 0,
    elapsedMs: () => 0,
    store: {
      acquire: () => {
        throw new ProxyError('plaintext_refused');
      },
    },
  } as unknown as QueryDataDeps;
  return { deps, ended };
}

const NEVER = new AbortController().signal;

describe.each([
  { name: 'too many queries', request: requestOf(MAX_QUERIES + 1), count: MAX_QUERIES, code: 'too_many_queries' },
  { name: 'no settings', request: requestOf(2, false), count: 2, code: 'settings_invalid' },
  { name: 'settings that are not allowed', request: requestOf(2), count: 2, code: 'plaintext_refused' },
])('a request with $name', ({ request, count, code }) => {
  const names = request.queries.slice(0, count).map(({ refId }) => refId);
  const reported = names.map((refId) => expect.objectContaining({ refId, code }));

  it('is reported as the failure of each query that gets a response', async () => {
    const { deps, ended } = benchOf();
    const { responses } = await queryData(request, deps, NEVER);
    expect([...responses.keys()]).toEqual(names);
    expect(ended).toEqual(reported);
  });

  it('is also reported as the failure of each query if the results are sent in parts', async () => {
    const { deps, ended } = benchOf();
    const failed: string[] = [];
    for await (const { refId } of queryChunkedData(request, deps, NEVER)) {
      failed.push(refId);
    }
    expect(failed).toEqual(names);
    expect(ended).toEqual(reported);
  });
});
