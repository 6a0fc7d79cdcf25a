/**
 * Tests the links of cells with ids, over the plugin protocol. The query of a link filters by the id in the cell, and
 * returns the rows of this id.
 */
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { arrowTable } from '../../demo/plugin-host/arrow-files';
import { type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { useSharedPlugin } from '../support/shared-plugin';
import { onlyFrame, type ReadFrame, readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useSharedPlugin();
expectNoSecretsAtEnd();

interface Link {
  title: string;
  internal: { datasourceUid: string; query: MicromegasQueryFields };
}

interface Cell {
  value: string;
  /** Milliseconds of the first column, if that is a time. */
  ms: string;
  links: Link[];
}

/** The first value of a column, and its links. */
async function cellOf(column: string, model: MicromegasQueryFields): Promise<Cell> {
  const response = await runQuery(lab.plugin, lab.source, { version: 2, autoLimit: false, ...model });
  expect(response.error).toBe('');
  const { fields } = arrowTable(response.frames[0]).schema;
  const config = fields.find(({ name }) => name === column)?.metadata.get('config') ?? '{}';
  const { links = [] }: { links?: Link[] } = JSON.parse(config);
  const frame = onlyFrame(response);
  const first = frame.column(fields[0].name)[0];
  const ms = typeof first === 'bigint' ? String(first / 1_000_000n) : String(Math.floor(Number(first)));
  return { value: String(frame.column(column)[0]), ms, links };
}

/** Opens a link as Explore does: replaces the variables in every string of the query. */
async function responseOf({ internal }: Link, { value, ms }: Cell): Promise<DataResponse> {
  const query: MicromegasQueryFields = JSON.parse(JSON.stringify(internal.query), (_key, part: unknown) =>
    typeof part === 'string'
      ? part.replaceAll('${__value.raw}', () => value).replaceAll('${__data.fields[0].numeric}', () => ms)
      : part
  );
  return runQuery(lab.plugin, lab.source, query);
}

const open = async (link: Link, cell: Cell): Promise<ReadFrame> => onlyFrame(await responseOf(link, cell));

const byTitle = ({ links }: Cell, title: string): Link => {
  const link = links.find((candidate) => candidate.title === title);
  if (link === undefined) {
    throw new Error(`No link ${title} among ${links.map((candidate) => candidate.title).join(', ')}`);
  }
  return link;
};

const ONE_ENTRY = { query: 'SELECT * FROM log_entries ORDER BY time DESC LIMIT 1' } as const;
const ONE_LINE = { ...ONE_ENTRY, format: 'logs' } as const;

it('links open the process of a table cell', async () => {
  const cell = await cellOf('process_id', ONE_ENTRY);
  expect(cell.links.map(({ title }) => title)).toEqual(['The process']);
  const [nodes] = readFrames(await responseOf(cell.links[0], cell));
  expect(nodes.column('id')).toContain(cell.value);
});

it('links open the logs of the process of a line', async () => {
  const cell = await cellOf('process', ONE_LINE);
  const link = byTitle(cell, 'Logs');
  expect(link.internal.datasourceUid).toBe(lab.source.uid);
  const frame = await open(link, cell);
  expect(frame.meta.type).toBe('log-lines');
  expect(frame.rowCount).toBeGreaterThan(1);
  expect(new Set(frame.column('process'))).toEqual(new Set([cell.value]));
});

it('links open the metrics of a process', async () => {
  const cell = await cellOf('process', {
    query: "SELECT time, msg, process_id FROM log_entries WHERE exe = 'ember/matchmaker' LIMIT 1",
    format: 'logs',
  });
  const response = await responseOf(byTitle(cell, 'Metrics'), cell);
  expect(onlyFrame(response).meta.type).toBe('timeseries-wide');
  const [, ...series] = arrowTable(response.frames[0]).schema.fields;
  // The series are queue_length and session_pool_in_use. Both columns have the name `value`, so `labels` returns the
  // labels of only one series.
  expect(series).toHaveLength(2);
  expect(onlyFrame(response).labels('value').name).toMatch(/^(?:queue_length|session_pool_in_use)$/);
});

it('links open a stream and its logs', async () => {
  const cell = await cellOf('stream_id', ONE_LINE);
  const stream = await open(byTitle(cell, 'Stream'), cell);
  expect(stream.column('stream_id')).toEqual([cell.value]);
  const logs = await open(byTitle(cell, 'Logs'), cell);
  expect(new Set(logs.column('stream_id'))).toEqual(new Set([cell.value]));
});

it('links open the logs of a trace, with a filter on a property of the lines', async () => {
  const cell = await cellOf('trace', {
    query: "SELECT time, msg, '00112233445566778899aabbccddeeff' AS trace_id FROM log_entries LIMIT 1",
    format: 'logs',
  });
  const { internal } = byTitle(cell, 'Logs');
  // No line of the demo has this trace id, so the test filters by another property.
  const filters = [{ key: 'properties.otel.scope.name', operator: '=' as const, value: 'ember.match' }];
  const frame = await open({ title: '', internal: { ...internal, query: { ...internal.query, filters } } }, cell);
  expect(frame.rowCount).toBeGreaterThan(0);
  for (const labels of frame.column('labels')) {
    expect(JSON.parse(Buffer.from(labels as Uint8Array).toString())).toMatchObject({
      'otel.scope.name': 'ember.match',
    });
  }
});

it.each(["' OR '1'='1", "x'; DROP TABLE log_entries; --", '$__timeFrom', '${x}', '\\'])(
  'links do not read a value as SQL: %s',
  async (value) => {
    const cell = await cellOf('process', ONE_LINE);
    // The other links open views such as Processes, which check the value in their request.
    const links = cell.links.filter(({ internal }) => internal.query.filters !== undefined);
    expect(links.length).toBeGreaterThanOrEqual(2);
    for (const link of links) {
      const response = await runQuery(lab.plugin, lab.source, {
        ...link.internal.query,
        filters: [{ key: 'process_id', operator: '=', value }],
      });
      expect(response.error).toBe('');
      // The result may also be a frame without rows, with a notice that the process has sent nothing.
      expect(readFrames(response).filter(({ rowCount }) => rowCount > 0)).toEqual([]);
    }
  }
);
