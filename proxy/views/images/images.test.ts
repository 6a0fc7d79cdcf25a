import { readImageAddress } from './image-query';
import { imageHeaders, MAX_IMAGE_BYTES, readImage } from './read-image';
import { sniffImage } from './sniff-image';
import { Binary, Int64, tableFromArrays, Table, vectorFromArray } from 'apache-arrow';
import { readerOf } from '../lake-reader/testing/reader';

const allocate = (size: number) => new Uint8Array(size);
const bytes = (value: string) => Buffer.from(value, 'latin1');
const PROCESS = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';
const ADDRESS = { processId: PROCESS, time: 1n, name: undefined, blockId: undefined };

it.each([
  ['\x89PNG\r\n\x1a\n....', 'image/png'],
  ['\xff\xd8\xff\xe0', 'image/jpeg'],
  ['GIF89a', 'image/gif'],
  ['GIF87a;', 'image/gif'],
  ['RIFF\x10\0\0\0WEBPVP8 ', 'image/webp'],
  ['RIFF\x10\0\0\0WAVEfmt ', undefined],
  ['<svg xmlns="http://www.w3.org/2000/svg">', undefined],
  ['<!DOCTYPE html>', undefined],
  ['  \x89PNG\r\n\x1a\n', undefined],
  ['BM', undefined],
  ['', undefined],
])('detects the format of %j from the bytes', (value, expected) => {
  expect(sniffImage(bytes(value))).toBe(expected);
});

function stored(content: Uint8Array, size: number | null) {
  return new Table({
    name: vectorFromArray(['shot']),
    payload_size: vectorFromArray([size === null ? null : BigInt(size)], new Int64()),
    data: vectorFromArray([content], new Binary()),
  });
}

it('returns an image of a known format', async () => {
  const { read } = readerOf(() => stored(bytes('GIF89a'), 6));
  expect(await readImage(ADDRESS, read, allocate)).toEqual({
    name: 'shot',
    type: 'image/gif',
    bytes: expect.anything(),
  });
});

it.each([
  { name: 'no image', table: tableFromArrays({}), code: 'image_not_found' },
  { name: 'an HTML page', table: stored(bytes('<html>'), 6), code: 'image_unsupported' },
  {
    name: 'a large image without a size',
    table: stored(new Uint8Array(MAX_IMAGE_BYTES + 1), null),
    code: 'image_too_large',
  },
  { name: 'a large image', table: stored(bytes(''), MAX_IMAGE_BYTES + 1), code: 'image_too_large' },
])('fails for $name', async ({ table, code }) => {
  const { read } = readerOf(() => table);
  await expect(readImage(ADDRESS, read, allocate)).rejects.toMatchObject({ code });
});

it('makes a file name that is safe in a header', () => {
  const header = (name: string) => imageHeaders({ name, type: 'image/jpeg' })['Content-Disposition'];
  expect(header('a"; x\r\nSet-Cookie: b=ü')).toBe('inline; filename="a_x_Set-Cookie_b_.jpg"');
  expect(header('')).toBe('inline; filename="image.jpg"');
  expect(header('x'.repeat(300)).length).toBeLessThan(150);
});

it('reads the address of an image from a query string', () => {
  const parameters = new URLSearchParams(`process=${PROCESS}&time=1795785783631641000&name=a%20b`);
  expect(readImageAddress((name) => parameters.get(name) ?? '')).toEqual({
    processId: PROCESS,
    time: 1_795_785_783_631_641_000n,
    name: 'a b',
    blockId: undefined,
  });
});
