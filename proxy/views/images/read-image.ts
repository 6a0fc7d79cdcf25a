/** Reads one image of a process, and describes it for browsers. */
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { ProxyError } from '../../base/errors/proxy-error';
import { type LakeReader } from '../lake-reader/lake-reader';
import { type ResultColumns } from '../lake-reader/result-columns';
import { nanosLiteral } from '../../../contract/sql/time-literals';
import { type ImageAddress } from './image-query';
import { extensionOf, type ImageType, sniffImage } from './sniff-image';

/** Maximum size of a returned image, in bytes. */
export const MAX_IMAGE_BYTES = 16 * 1024 * 1024;

interface FoundImage {
  name: string;
  type: ImageType;
  bytes: Uint8Array;
}

/**
 * Reads the image at an address.
 *
 * @param take Allocates memory for the copied bytes of the image.
 * @throws {ProxyError} 'image_not_found', 'image_too_large', 'image_unsupported', and errors of the statement.
 */
export async function readImage(
  address: ImageAddress,
  read: LakeReader['read'],
  take: (bytes: number) => Uint8Array
): Promise<FoundImage> {
  const fromMs = Number(address.time / 1_000_000n);
  const statement = { sql: imageSql(address), range: { fromMs, toMs: fromMs + 1 }, maxRows: 1, columns: IMAGE_COLUMNS };
  for await (const batch of read(statement)) {
    const bytes = batch.bytes('data')(0);
    // The size may be null.
    const size = Math.max(batch.numbers('payload_size')[0] || 0, bytes.length);
    if (size > MAX_IMAGE_BYTES) {
      throw new ProxyError('image_too_large', { detail: `(${size} bytes; at most ${MAX_IMAGE_BYTES} are allowed)` });
    }
    const type = sniffImage(bytes);
    if (type === undefined) {
      throw new ProxyError('image_unsupported');
    }
    // The bytes are copied, because the memory of the batch is freed later, and the image may be only a small part of
    // this memory.
    const kept = take(bytes.length);
    kept.set(bytes);
    return { name: batch.strings('name')(0) ?? '', type, bytes: kept };
  }
  throw new ProxyError('image_not_found');
}

/** The columns of `imageSql`. */
const IMAGE_COLUMNS: ResultColumns = { name: 'string', payload_size: 'number', data: 'bytes' };

function imageSql({ processId, time, name, blockId }: ImageAddress): string {
  const conditions = [
    `time = ${nanosLiteral(time)}`,
    ...(name === undefined ? [] : [`name = ${quoteLiteral(name)}`]),
    ...(blockId === undefined ? [] : [`block_id = ${quoteLiteral(blockId)}`]),
  ];
  return (
    `SELECT name, payload_size, CASE WHEN payload_size <= ${MAX_IMAGE_BYTES} THEN data END AS data\n` +
    `FROM view_instance('images', ${quoteLiteral(processId)})\n` +
    `WHERE ${conditions.join(' AND ')} ORDER BY block_id, name LIMIT 1`
  );
}

/** Maximum length of a file name without its extension, in characters. */
const MAX_FILE_NAME = 100;

/** Headers that make browsers show the bytes only as an image. */
export function imageHeaders({ name, type }: Pick<FoundImage, 'name' | 'type'>): Record<string, string> {
  const safe = name.replace(/[^\w.-]+/g, '_').slice(0, MAX_FILE_NAME) || 'image';
  return {
    'Content-Type': type,
    'Content-Disposition': `inline; filename="${safe}.${extensionOf(type)}"`,
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'private, max-age=300',
  };
}
