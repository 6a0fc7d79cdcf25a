import { type DataFrame } from '@grafana/data';
import { readTrace, type Trace } from './trace-model';

type Row = Record<string, unknown>;

const START = 1_700_000_000_000;

function frameOf(fields: Array<{ name: string; values: unknown[] }>): DataFrame {
  return { length: fields[0].values.length, fields } as DataFrame;
}

/** A frame with Grafana's fields of a trace. Missing values are null. */
function traceFrame(rows: Row[], names: string[] = []): DataFrame {
  const required = ['traceID', 'spanID', 'parentSpanID', 'operationName', 'serviceName', 'serviceTags', 'startTime'];
  const fields = [...required, 'duration', 'statusCode', ...names];
  const defaults: Row = { traceID: 'ABC', operationName: 'work', serviceName: 'game', startTime: START, duration: 1 };
  return frameOf(fields.map((name) => ({ name, values: rows.map((row) => ({ ...defaults, ...row })[name] ?? null) })));
}

function trace(rows: Row[], names?: string[]): Trace {
  return readTrace(traceFrame(rows, names))!;
}

function tree({ spans }: Trace): string[] {
  return spans.map(({ id, depth }) => `${'-'.repeat(depth)}${id}`);
}

it('orders spans depth first, and spans of the same parent by their start', () => {
  const result = trace([
    { spanID: 'late', parentSpanID: 'root', startTime: START + 20 },
    { spanID: 'inner', parentSpanID: 'early', startTime: START + 11 },
    { spanID: 'early', parentSpanID: 'root', startTime: START + 10 },
    { spanID: 'root', duration: 50 },
  ]);
  expect(tree(result)).toEqual(['root', '-early', '--inner', '-late']);
  expect(result).toMatchObject({ id: 'abc', startMs: START, durationMs: 50, depth: 3, services: ['game'] });
});

it('shows spans whose parent is missing, and spans in a cycle', () => {
  const result = trace([
    { spanID: 'a', parentSpanID: 'gone' },
    { spanID: 'b', parentSpanID: 'c' },
    { spanID: 'c', parentSpanID: 'b', startTime: START + 1 },
  ]);
  expect(tree(result)).toEqual(['a', 'b', '-c']);
  expect(result.spans.map(({ isOrphan }) => isOrphan)).toEqual([true, false, false]);
});

it('drops spans without a start and adds a suffix to an id that occurs again', () => {
  const result = trace([{ spanID: 'a' }, { spanID: 'a' }, { spanID: 'b', startTime: 0 }]);
  expect(tree(result)).toEqual(['a', 'a_1']);
});

it('finds errors by status and by tag', () => {
  const tag = (value: unknown) => [{ key: 'error', value }];
  const result = trace(
    [
      { spanID: 'status', statusCode: 2 },
      { spanID: 'tag', tags: tag(true) },
      { spanID: 'text', tags: tag('true') },
      { spanID: 'ok', statusCode: 1, tags: tag(false) },
    ],
    ['tags']
  );
  expect(result.spans.map(({ isError }) => isError)).toEqual([true, true, true, false]);
});

it('reads tags, events, references and warnings', () => {
  const { spans } = trace(
    [
      {
        spanID: 'a',
        serviceTags: [{ key: 'computer', value: 'match-01' }],
        tags: [{ key: 'size', value: 8 }],
        logs: [{ timestamp: START + 2, name: 'retry', fields: [{ key: 'attempt', value: 2 }] }],
        references: [{ traceID: 't', spanID: 's' }],
        warnings: ['The clock is ahead.'],
      },
    ],
    ['tags', 'logs', 'references', 'warnings']
  );
  expect(spans[0]).toMatchObject({
    serviceTags: [{ key: 'computer', value: 'match-01' }],
    tags: [{ key: 'size', value: '8' }],
    logs: [{ timeMs: START + 2, name: 'retry', fields: [{ key: 'attempt', value: '2' }] }],
    references: [{ traceId: 't', spanId: 's', tags: [] }],
    warnings: ['The clock is ahead.'],
  });
});

it.each([
  ['a row has no span id', traceFrame([{ spanID: 'a' }, {}])],
  ['a required field is missing', frameOf([{ name: 'spanID', values: ['a'] }])],
])('shows nothing if %s', (_name, frame) => {
  expect(readTrace(frame)).toBeUndefined();
});

it('reads a chain of ten thousand spans', () => {
  const rows = Array.from({ length: 10_000 }, (_none, index) => ({ spanID: `${index}`, parentSpanID: `${index - 1}` }));
  expect(trace(rows).depth).toBe(10_000);
});
