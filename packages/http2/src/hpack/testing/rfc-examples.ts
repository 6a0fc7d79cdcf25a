/** For tests: the examples of RFC 7541, appendices C.2 to C.6. */
import { type HeaderField } from '../header-field.ts';

export interface RfcExample {
  name: string;
  /** The table size that the example assumes. */
  tableBytes: number;
  /** The blocks of one connection, with the table after each block. */
  blocks: Array<{ hex: string; fields: HeaderField[]; table: HeaderField[] }>;
}

const GET: HeaderField = [':method', 'GET'];
const HTTP: HeaderField = [':scheme', 'http'];
const ROOT: HeaderField = [':path', '/'];
const AUTHORITY: HeaderField = [':authority', 'www.example.com'];
const NO_CACHE: HeaderField = ['cache-control', 'no-cache'];
const CUSTOM: HeaderField = ['custom-key', 'custom-value'];

const FOUND: HeaderField = [':status', '302'];
const REDIRECT: HeaderField = [':status', '307'];
const PRIVATE: HeaderField = ['cache-control', 'private'];
const DATE: HeaderField = ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'];
const LATER: HeaderField = ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'];
const LOCATION: HeaderField = ['location', 'https://www.example.com'];
const GZIP: HeaderField = ['content-encoding', 'gzip'];
const COOKIE: HeaderField = ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'];

/** C.3 and C.4 have the same requests, without and with Huffman coding. */
function requests(name: string, hex: [string, string, string]): RfcExample {
  const first = [GET, HTTP, ROOT, AUTHORITY];
  const third: HeaderField[] = [GET, [':scheme', 'https'], [':path', '/index.html'], AUTHORITY, CUSTOM];
  return {
    name,
    tableBytes: 4096,
    blocks: [
      { hex: hex[0], fields: first, table: [AUTHORITY] },
      { hex: hex[1], fields: [...first, NO_CACHE], table: [NO_CACHE, AUTHORITY] },
      { hex: hex[2], fields: third, table: [CUSTOM, NO_CACHE, AUTHORITY] },
    ],
  };
}

/** C.5 and C.6 have the same responses, without and with Huffman coding. */
function responses(name: string, hex: [string, string, string]): RfcExample {
  return {
    name,
    tableBytes: 256,
    blocks: [
      { hex: hex[0], fields: [FOUND, PRIVATE, DATE, LOCATION], table: [LOCATION, DATE, PRIVATE, FOUND] },
      { hex: hex[1], fields: [REDIRECT, PRIVATE, DATE, LOCATION], table: [REDIRECT, LOCATION, DATE, PRIVATE] },
      {
        hex: hex[2],
        fields: [[':status', '200'], PRIVATE, LATER, LOCATION, GZIP, COOKIE],
        table: [COOKIE, GZIP, LATER],
      },
    ],
  };
}

function single(name: string, hex: string, field: HeaderField, table: HeaderField[]): RfcExample {
  return { name, tableBytes: 4096, blocks: [{ hex, fields: [field], table }] };
}

const CUSTOM_HEADER: HeaderField = ['custom-key', 'custom-header'];

export const RFC_EXAMPLES: RfcExample[] = [
  single('C.2.1', '400a637573746f6d2d6b65790d637573746f6d2d686561646572', CUSTOM_HEADER, [CUSTOM_HEADER]),
  single('C.2.2', '040c2f73616d706c652f70617468', [':path', '/sample/path'], []),
  single('C.2.3', '100870617373776f726406736563726574', ['password', 'secret'], []),
  single('C.2.4', '82', GET, []),
  requests('C.3', [
    '828684410f7777772e6578616d706c652e636f6d',
    '828684be58086e6f2d6361636865',
    '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
  ]),
  requests('C.4', [
    '828684418cf1e3c2e5f23a6ba0ab90f4ff',
    '828684be5886a8eb10649cbf',
    '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
  ]),
  responses('C.5', [
    '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e17687474' +
      '70733a2f2f7777772e6578616d706c652e636f6d',
    '4803333037c1c0bf',
    '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a' +
      '4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
  ]),
  responses('C.6', [
    '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae' + '82ae43d3',
    '4883640effc1c0bf',
    '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960' +
      'd5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
  ]),
];
