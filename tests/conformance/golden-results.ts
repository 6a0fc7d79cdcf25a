/**
 * Checks the results in `proxy/frames/data-frames/golden`, which other implementations of Arrow wrote. Grafana's
 * decoder converts the plugin's Arrow frame to JSON. This JSON must equal the JSON that the plugin itself writes. The
 * unit tests check the values.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Table, vectorFromArray } from 'apache-arrow';
import { type IpcMessage } from '../../proxy/frames/arrow-ipc';
import { splitStream } from '../../proxy/frames/arrow-ipc/testing/ipc-bytes';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import { finish, flightData, startFlightServer } from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { DataFrameFormat } from '../../proxy/generated/pluginv2/backend_pb';
import { dataQuery, pluginContext, ROOT, startBuiltPlugin, type Source } from '../support/plugin';
import { type Checklist } from './checklist';
import { type GrafanaHost } from './grafana-host';

const FOLDER = join(ROOT, 'proxy', 'frames', 'data-frames', 'golden');

/**
 * A result that is not in a file: thousands of rows with equal strings, then thousands of rows with different strings.
 */
const GENERATED = 'distinct-among-equal.arrows';

function distinctAmongEqual(): IpcMessage[] {
  const values = Array.from({ length: 8192 }, (_, row) => `t${Math.max(0, Math.min(4094, row - 4096))}`.padEnd(9, '.'));
  return messagesOf(new Table({ text: vectorFromArray(values) }));
}

/** Fields and values of a frame. Other members, such as statistics, differ between calls. */
interface Content {
  schema: { fields: unknown };
  data: unknown;
}

export async function checkGoldenResults(list: Checklist, host: GrafanaHost): Promise<void> {
  const server = await startFlightServer({
    doGet: (sql, call) => {
      const file = fileOf(sql);
      const messages = file === GENERATED ? distinctAmongEqual() : splitStream(readFileSync(join(FOLDER, file)));
      finish(call, ...messages.map(({ header, body }) => flightData(header, body)));
    },
  });
  const plugin = await startBuiltPlugin();
  const source: Source = {
    jsonData: { host: `127.0.0.1:${server.port}`, secure: false, selectedAuthType: 'none' },
  };
  try {
    for (const file of [...readdirSync(FOLDER).filter((name) => name.endsWith('.arrows')), GENERATED]) {
      await list.check(`golden: ${file} is the same through Grafana's decoder and in the plugin's JSON`, async () => {
        const model = { query: `SELECT * FROM "${file}"`, version: 2, timeFilter: false, autoLimit: false };
        const decoded = await host.onlyFrame(source, model);
        assert.ok(decoded.rowCount > 0, 'no rows');
        const { responses } = await plugin.queryData({
          pluginContext: pluginContext(source),
          format: DataFrameFormat.JSON,
          queries: [dataQuery('A', model)],
        });
        const { error, frames } = responses.A;
        assert.equal(error, '');
        assert.equal(frames.length, 1);
        const written: Content = JSON.parse(Buffer.from(frames[0]).toString());
        assert.deepEqual(decoded.content.schema.fields, written.schema.fields);
        assert.deepEqual(decoded.content.data, written.data);
      });
    }
  } finally {
    await plugin.shutdown();
    server.kill();
  }
}

function fileOf(sql: string): string {
  const [, file] = /FROM "([\w-]+\.arrows)"/.exec(sql) ?? [];
  assert.ok(file, `no file in ${sql}`);
  return file;
}
