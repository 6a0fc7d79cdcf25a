import { readTraceContext, traceEntries } from './trace-context';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

const read = (metadata: Record<string, string>) => readTraceContext(new Map(Object.entries(metadata)));

it.each([
  ['a sampled trace', `00-${TRACE}-${SPAN}-01`, true],
  ['a trace that is not sampled', `00-${TRACE}-${SPAN}-00`, false],
  ['other flags', `00-${TRACE}-${SPAN}-03`, true],
  ['a later version with more fields', `cc-${TRACE}-${SPAN}-01-what-the-future-holds`, true],
])('reads traceparent: %s', (_name, traceparent, isSampled) => {
  expect(read({ traceparent })).toEqual({ traceId: TRACE, spanId: SPAN, isSampled });
});

it.each([
  ['an empty value', ''],
  ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['an invalid version', `ff-${TRACE}-${SPAN}-01`],
  ['more fields than version 00 has', `00-${TRACE}-${SPAN}-01-more`],
  ['a trace ID of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['a span ID of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['two values', `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`],
  ['a long value', `cc-${TRACE}-${SPAN}-01-${'x'.repeat(300)}`],
  ['a line break', `00-${TRACE}-${SPAN}-01\nx`],
])('ignores traceparent with %s', (_name, traceparent) => {
  expect(read({ traceparent })).toBeUndefined();
});

it('reads uber-trace-id without leading zeros, with and without URL encoding', () => {
  const expected = { traceId: `0${TRACE.slice(1)}`, spanId: SPAN, isSampled: true };
  expect(read({ 'uber-trace-id': `${TRACE.slice(1)}:f067aa0ba902b7:0:1` })).toEqual(expected);
  expect(read({ 'uber-trace-id': `${TRACE.slice(1)}%3Af067aa0ba902b7%3a0%3A3` })).toEqual(expected);
});

it('ignores malformed uber-trace-id', () => {
  for (const header of ['', 'x', `${TRACE}:${SPAN}:0`, `0:${SPAN}:0:1`, `${TRACE}:0:0:1`, `${TRACE}0:${SPAN}:0:1`]) {
    expect([header, read({ 'uber-trace-id': header })]).toEqual([header, undefined]);
  }
});

it('reads uber-trace-id if traceparent is malformed', () => {
  expect(read({ traceparent: 'x', 'uber-trace-id': `${TRACE}:${SPAN}:0:1` })).toMatchObject({ traceId: TRACE });
});

it('writes the headers that it has read', () => {
  const metadata = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'vendor=a-b,other=1' };
  expect(Object.fromEntries(traceEntries(read(metadata)))).toEqual(metadata);
  expect(traceEntries(undefined)).toEqual([]);
});

it('drops a tracestate that is too long or not printable', () => {
  const traceparent = `00-${TRACE}-${SPAN}-00`;
  for (const tracestate of ['a='.padEnd(513, 'x'), 'a=\u00e9', 'a=\u0007']) {
    expect(traceEntries(read({ traceparent, tracestate }))).toEqual([['traceparent', traceparent]]);
  }
});
