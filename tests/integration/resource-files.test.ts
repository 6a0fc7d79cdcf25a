/**
 * Images and Perfetto traces of the resource API: contents, headers, errors, attribution, and a download that is
 * cancelled.
 */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { perfettoPath, TRACE_END } from '../../contract/resources/perfetto';
import { processByKey } from '../../demo/lakehouse/story';
import { type ResourceOptions } from '../../demo/plugin-host/plugin-client';
import { useSharedPlugin } from '../support/shared-plugin';
import { eventually } from '../support/eventually';
import { onlyFrame } from '../support/frames';
import { pluginContext, runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useSharedPlugin();

expectNoSecretsAtEnd();

const CRASHED = processByKey('server');
const PATIENCE_MS = 60_000;

async function get(url: string, { settings, ...options }: ResourceOptions & { settings?: object } = {}) {
  const [path = ''] = url.split('?', 1);
  const source = { ...lab.source, jsonData: { ...lab.source.jsonData, ...settings } };
  return lab.plugin.callResource({ context: pluginContext(source), path, url }, options);
}

async function failureOf(url: string, settings = {}): Promise<{ status: number; code: string; message: string }> {
  const { status, headers, body } = await get(url, { settings });
  expect(headers['Content-Type']).toEqual(['application/json']);
  return { status, ...JSON.parse(new TextDecoder().decode(body)) };
}

/** Waits for the audit record whose SQL contains this string. */
function record(value: string) {
  return eventually('The audit record', PATIENCE_MS, async () =>
    (await lab.demo.audit()).findLast(({ sql }) => sql.includes(value))
  );
}

describe('an image', () => {
  const addresses = async () => {
    const processes = { view: 'images', processId: CRASHED.id };
    const response = await runQuery(lab.plugin, lab.source, { queryType: 'processes', processes } as never);
    return onlyFrame(response).column('id').map(String);
  };

  it('is returned with headers that prevent browsers from treating it as another type', async () => {
    const [address] = await addresses();
    const { status, headers, body } = await get(`image?${address}`);
    expect(status).toBe(200);
    expect(Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join()]))).toEqual({
      'Content-Type': 'image/png',
      'Content-Disposition': 'inline; filename="crash_harbor.png"',
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Cache-Control': 'private, max-age=300',
    });
    expect(Buffer.from(body).toString('latin1', 0, 8)).toBe('\x89PNG\r\n\x1a\n');
    const { entrypoint, user, sql } = await record('CASE WHEN payload_size');
    expect({ entrypoint, user }).toEqual({ entrypoint: 'image', user: 'ada' });
    expect(sql).toContain("name = 'crash_harbor'");
  });

  it('is found by process and time alone', async () => {
    const [address = ''] = await addresses();
    const parameters = new URLSearchParams(address);
    const { status } = await get(`image?process=${parameters.get('process')}&time=${parameters.get('time')}`);
    expect(status).toBe(200);
  });

  it.each([
    { name: 'a wrong process', url: 'image?process=x&time=1', code: 'resource_invalid', message: /parameter process/ },
    { name: 'no time', url: `image?process=${CRASHED.id}`, code: 'resource_invalid', message: /parameter time/ },
    {
      name: 'a wrong block',
      url: `image?process=${CRASHED.id}&time=1&block=%27`,
      code: 'resource_invalid',
      message: /parameter block/,
    },
    {
      name: 'a long name',
      url: `image?process=${CRASHED.id}&time=1&name=${'x'.repeat(1001)}`,
      code: 'resource_invalid',
      message: /1001 characters/,
    },
    {
      name: 'another name',
      url: `image?process=${CRASHED.id}&time=1&name=%27%20OR%201=1`,
      code: 'image_not_found',
      message: /no such image/,
    },
  ])('fails for $name', async ({ url, code, message }) => {
    expect(await failureOf(url)).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe('a Perfetto trace', () => {
  const range = (seconds: number) => {
    const toMs = lab.demo.lakehouseStartMs - 45 * 60_000;
    return { processId: CRASHED.id, fromMs: toMs - seconds * 1000, toMs };
  };

  it('is a file of complete packets, and ends with the end mark', async () => {
    const { status, headers, body } = await get(perfettoPath(range(30)));
    expect(status).toBe(200);
    expect(headers['Content-Type']).toEqual(['application/octet-stream']);
    expect(headers['Content-Disposition'].join()).toMatch(
      /^attachment; filename="0b6f5a52-[\da-f-]+-\d{4}-\d\d-\d\dT[\d-]+Z\.perfetto-trace"$/
    );
    expect(Uint8Array.from(body.subarray(-TRACE_END.length))).toEqual(TRACE_END);
    const reader = new BinaryReader(body);
    let packets = 0;
    while (reader.pos < reader.len) {
      expect(reader.tag()).toEqual([1, 2]);
      reader.bytes();
      packets++;
    }
    expect(packets).toBeGreaterThan(10_000);
    const { entrypoint, user, status: outcome } = await record('perfetto_trace_chunks');
    expect({ entrypoint, user, outcome }).toEqual({ entrypoint: 'perfetto', user: 'ada', outcome: 'ok' });
  });

  it('is sent in small parts, and the query is cancelled when the caller disconnects', async () => {
    const asked = range(300);
    const leaving = new AbortController();
    const parts: number[] = [];
    const url = perfettoPath({ ...asked, spans: 'thread' });
    const download = get(url, {
      signal: leaving.signal,
      onPart({ body }) {
        parts.push(body.length);
        leaving.abort();
      },
    });
    await expect(download).rejects.toMatchObject({ code: 1 });
    expect(Math.max(...parts)).toBeLessThanOrEqual(66_000);
    const { status } = await record(`'thread', timestamp '${new Date(asked.fromMs).toISOString()}'`);
    expect(status).toBe('incomplete');
  });

  it.each([
    { name: 'a wrong process', url: 'perfetto?process=1&from=1&to=2', status: 400, message: /parameter process/ },
    { name: 'other spans', url: `${perfettoPath(range(1))}net`, status: 400, message: /parameter spans must be/ },
    { name: 'no range', url: `perfetto?process=${CRASHED.id}`, status: 400, message: /parameter from/ },
    { name: 'a reversed range', url: `perfetto?process=${CRASHED.id}&from=2&to=1`, status: 400, message: /later/ },
    {
      name: 'an unknown process',
      url: perfettoPath({ ...range(1), processId: '00000000-0000-4000-8000-000000000000' }),
      status: 400,
      message: /not found/,
    },
  ])('fails before the first byte for $name', async ({ url, status, message }) => {
    expect(await failureOf(url)).toMatchObject({ status, message: expect.stringMatching(message) });
  });

  it('fails for a range that is longer than `maxRangeHours`', async () => {
    expect(await failureOf(perfettoPath(range(3601)), { maxRangeHours: 1 })).toMatchObject({
      status: 400,
      code: 'time_range_too_long',
    });
    expect((await get(perfettoPath(range(30)), { settings: { maxRangeHours: 1 } })).status).toBe(200);
  });
});
