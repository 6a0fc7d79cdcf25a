import { parseHandshake } from './launch';
import { parseLogLine } from './log-lines';

const at = '2026-01-02T03:04:05.123456Z';
const line = (extra: object) => JSON.stringify({ '@level': 'warn', '@message': 'm', '@timestamp': at, ...extra });

interface Case {
  name: string;
  raw: string;
  expected: object;
}
const cases: Case[] = [
  {
    name: 'reads a structured line',
    raw: line({ uid: 'u' }),
    expected: { level: 'warn', message: 'm', fields: { uid: 'u' } },
  },
  {
    name: 'treats a line with a timestamp in milliseconds as plain text, as Grafana does',
    raw: line({ '@timestamp': '2026-01-02T03:04:05.123Z' }),
    expected: { level: 'debug', fields: {} },
  },
  {
    name: 'treats a line with an unknown level as plain text',
    raw: line({ '@level': 'loud' }),
    expected: { level: 'debug' },
  },
  {
    name: 'reads a line that begins with a level in brackets',
    raw: '[ERROR] no Node',
    expected: { level: 'error', message: 'no Node' },
  },
  {
    name: 'assigns level debug to plain text',
    raw: 'Error: boom',
    expected: { level: 'debug', message: 'Error: boom' },
  },
];

it.each(cases)('$name', ({ raw, expected }) => {
  expect(parseLogLine(raw)).toMatchObject({ ...expected, raw });
});

it('reads the address of a plugin', () => {
  expect(parseHandshake('1|2|unix|/tmp/s|grpc')).toBe('unix:/tmp/s');
  expect(parseHandshake('1|2|tcp|127.0.0.1:10000|grpc')).toBe('127.0.0.1:10000');
});

it.each(['hello', '2|2|unix|/s|grpc', '1|3|unix|/s|grpc', '1|2|unix|/s', '1|2|pipe|/s|grpc'])(
  'rejects the handshake %s',
  (line) => {
    expect(() => parseHandshake(line)).toThrow();
  }
);
