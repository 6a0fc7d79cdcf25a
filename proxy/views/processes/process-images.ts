/**
 * The images of a process as a table, with links to the resource route `image`. In panels, the table contains small
 * images as `data:` URIs, which Grafana's cell type Image shows. Explore has no setting for the row height, so its
 * table has no image column.
 */
import { StringMap, StringSet } from '../../../contract/string-map';
import { DEFAULT_PROCESSES, type ProcessesQuery } from '../../../contract/query-types/processes';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { TABLE_PANEL } from '../../frames/data-frames/frame-field';
import { type Notice } from '../../frames/data-frames/frame-options';
import { imageQuery, MAX_NAME_CHARACTERS } from '../images/image-query';
import { sniffImage } from '../images/sniff-image';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type TimeRangeMs } from '../lake-reader/lake-reader';
import { type ResultColumns } from '../lake-reader/result-columns';
import { emptyTable, nothingFound } from '../nothing-found';
import { type ViewContext } from '../view-context';
import { msLiteral, nanosLiteral } from '../../../contract/sql/time-literals';
import { imageLink } from './process-links';
import { checkedId } from './read-processes';

/** Maximum bytes of one image in the table and of all images together, before base64 encoding. */
export const MAX_INLINE_BYTES = 256 * 1024;
export const MAX_ALL_INLINE_BYTES = 8 * 1024 * 1024;
/** Bytes of the objects of an image, without its strings. */
const IMAGE_BYTES = 500;
/** Maximum number of rows of the table. */
export const MAX_IMAGES = 1000;

interface ImageRow {
  time: bigint;
  name: string;
  format: string | undefined;
  size: number;
  /** The query string that identifies the image. */
  query: string;
}

/**
 * Returns the table of images.
 *
 * @throws {ProxyError} 'query_field_invalid' for an id that is not a UUID, and errors of the statements.
 */
export async function processImages(query: ProcessesQuery, lake: ViewContext): Promise<ComposedFrame[]> {
  const processId = checkedId(query.processId ?? '');
  const limit = Math.min(Math.floor(query.limit || DEFAULT_PROCESSES), MAX_IMAGES);
  const rows = await readImages(processId, limit + 1, lake);
  const shown = rows.slice(0, limit);
  const uris = lake.isPanel ? await readUris(processId, shown, lake) : undefined;
  const { linkTarget } = lake;
  const links = linkTarget === undefined ? {} : { links: [imageLink(linkTarget)] };
  const table: ComposedFrame = {
    kind: TABLE_PANEL,
    fields: [
      { kind: 'timestamp', name: 'time', values: shown.map(({ time }) => time), config: { displayName: 'Time' } },
      ...(uris === undefined
        ? []
        : [
            {
              kind: 'utf8' as const,
              name: 'image',
              values: shown.map(({ query: key }) => uris.get(key)),
              config: { displayName: 'Image', custom: { cellOptions: { type: 'image' } } },
            },
          ]),
      {
        kind: 'utf8',
        name: 'name',
        values: shown.map(({ name }) => name),
        config: { displayName: 'Name', ...links },
      },
      {
        kind: 'utf8',
        name: 'format',
        values: shown.map(({ format }) => format),
        config: { displayName: 'Format' },
      },
      {
        kind: 'float64',
        name: 'size',
        values: shown.map(({ size }) => size),
        config: { displayName: 'Size', unit: 'bytes' },
      },
      {
        kind: 'utf8',
        name: 'id',
        values: shown.map(({ query: key }) => key),
        // Hides the column. Different versions of Grafana read different options.
        config: {
          displayName: 'Address',
          custom: { hidden: true, hideFrom: { viz: true, legend: true, tooltip: true } },
        },
      },
    ],
    // With a limit of one, the user wants the newest image, so there is no notice about the limit.
    notices: noticesOf(rows.length > limit && limit > 1, limit, uris && shown.length - uris.size),
  };
  const nothing = { text: 'The process has no images', range: lake.range, hasSearched: true };
  return [rows.length > 0 ? table : emptyTable(table, nothingFound(nothing, lake), lake)];
}

function noticesOf(hasMore: boolean, limit: number, missing: number | undefined): Notice[] {
  const notices: Notice[] = [];
  if (hasMore) {
    notices.push({ severity: 'warning', text: `There are more images. The newest ${limit} are shown.` });
  }
  if (missing !== undefined && missing > 0) {
    notices.push({
      severity: 'info',
      text:
        missing === 1
          ? '1 image is too large for the table, or not PNG, JPEG, GIF or WebP. Its name is a link.'
          : `${missing} images are too large for the table, or not PNG, JPEG, GIF or WebP. Their names are links.`,
    });
  }
  return notices;
}

const COLUMNS = 'time, name, block_id';
/** The columns of `imagesSql`. */
const READ_COLUMNS: ResultColumns = { time: 'int64', name: 'string', block_id: 'string' };

function imagesSql(processId: string, columns: string, conditions: readonly string[], rows: number): string {
  return (
    `SELECT ${COLUMNS}, ${columns}\nFROM view_instance('images', ${quoteLiteral(processId)})\n` +
    `WHERE ${conditions.join(' AND ')}\nORDER BY time DESC, name, block_id LIMIT ${rows}`
  );
}

/** The images of the process, the newest first, without their bytes. */
async function readImages(processId: string, maxRows: number, lake: ViewContext): Promise<ImageRow[]> {
  const { fromMs, toMs } = lake.range;
  const inRange = [`time >= ${msLiteral(fromMs)}`, `time <= ${msLiteral(toMs)}`];
  const sql = imagesSql(processId, 'format, payload_size', inRange, maxRows);
  const rows: ImageRow[] = [];
  const heap = new HeapCount(lake.memory);
  for await (const batch of lake.read({
    sql,
    range: lake.range,
    maxRows,
    columns: { ...READ_COLUMNS, format: 'string', payload_size: 'number' },
  })) {
    const blockId = batch.ids('block_id');
    const [name, format] = ['name', 'format'].map((column) => batch.strings(column));
    const [times, sizes] = [batch.int64('time'), batch.numbers('payload_size')];
    for (let row = 0; row < batch.length; row++) {
      const image = { processId, time: times[row], name: name(row), blockId: blockId(row) };
      const found: ImageRow = {
        time: times[row],
        name: image.name ?? '',
        format: format(row),
        size: sizes[row],
        query: addressOf(image),
      };
      rows.push(found);
      heap.add(IMAGE_BYTES + stringBytes(found.name, found.format, found.query));
    }
    heap.note();
  }
  return rows;
}

/**
 * The query string of an image. A name that is too long for the route is left out, because time and block are enough to
 * identify the image.
 */
function addressOf({ name, ...image }: Parameters<typeof imageQuery>[0]): string {
  return imageQuery({ ...image, name: name !== undefined && name.length <= MAX_NAME_CHARACTERS ? name : undefined });
}

/** The `data:` URIs of the newest small images by `ImageRow.query`, up to a total size. */
async function readUris(
  processId: string,
  rows: readonly ImageRow[],
  lake: ViewContext
): Promise<ReadonlyMap<string, string>> {
  const uris = new StringMap<string>();
  const small = rows.filter(({ size }) => size <= MAX_INLINE_BYTES);
  let total = 0;
  const wanted = small.filter(({ size }) => (total += size) <= MAX_ALL_INLINE_BYTES);
  const oldest = wanted.at(-1);
  const newest = wanted[0];
  if (oldest === undefined) {
    return uris;
  }
  const ids = new StringSet(wanted.map(({ query }) => query));
  const conditions = [
    `time >= ${nanosLiteral(oldest.time)}`,
    `time <= ${nanosLiteral(newest.time)}`,
    `payload_size <= ${MAX_INLINE_BYTES}`,
  ];
  const range: TimeRangeMs = {
    fromMs: Number(oldest.time / 1_000_000n),
    toMs: Number(newest.time / 1_000_000n) + 1,
  };
  const sql = imagesSql(processId, 'data', conditions, wanted.length);
  const heap = new HeapCount(lake.memory);
  for await (const batch of lake.read({
    sql,
    range,
    maxRows: wanted.length,
    columns: { ...READ_COLUMNS, data: 'bytes' },
  })) {
    const [name, blockId] = [batch.strings('name'), batch.ids('block_id')];
    const [times, data] = [batch.int64('time'), batch.bytes('data')];
    for (let row = 0; row < batch.length; row++) {
      const key = addressOf({ processId, time: times[row], name: name(row), blockId: blockId(row) });
      const bytes = data(row);
      const type = bytes.length > MAX_INLINE_BYTES ? undefined : sniffImage(bytes);
      if (type !== undefined && ids.has(key) && !uris.has(key)) {
        const uri = `data:${type};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}`;
        uris.set(key, uri);
        heap.add(stringBytes(uri, key));
      }
    }
    heap.note();
  }
  return uris;
}
