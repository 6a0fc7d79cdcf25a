import { fieldValues } from '../../frames/data-frames/testing/field-values';
import { BASE, framesOfRows, pathsOf, REQUEST, type Row, streamId, tables, windowOf } from './testing/calls';

describe('the slowest calls', () => {
  const rows = Array.from({ length: 60 }, (_, index): Row => {
    const begin = index * 100;
    return {
      stream: index % 2 === 0 ? 'render' : 'physics',
      id: index,
      depth: 1,
      name: 'frame',
      begin,
      end: begin + 10 + index,
    };
  });

  it('are the longest calls, with links to their time ranges', async () => {
    const frames = await framesOfRows(
      tables(rows, () => 0, 7),
      windowOf(0, 5990)
    );
    const slowest = frames.find(({ name }) => name === 'Slowest calls')!;
    const field = (name: string) => slowest.fields.find((each) => each.name === name)!;
    expect(fieldValues(slowest, 'Duration')).toEqual(Array.from({ length: 20 }, (_, index) => 69 - index));
    expect(fieldValues(slowest, 'Thread').slice(0, 2)).toEqual(['physics', 'render thread']);
    const { processId } = REQUEST;
    const window = { beginNs: '${__value.raw}', endNs: '+${__data.fields["Duration"].numeric}' };
    const begin = String(BASE + 5900n);
    for (const [name, label, view] of [
      ['timelineBeginNs', 'Timeline', 'timeline'],
      ['graphBeginNs', 'Flame graph', 'flame-graph'],
    ]) {
      expect(fieldValues(slowest, name)[0]).toBe(begin);
      const query = { queryType: 'profile', profile: { view, processId, ...window } };
      expect(field(name).config).toMatchObject({
        displayName: label,
        mappings: [{ type: 'value', options: { [begin]: { text: label, index: 0 } } }],
        links: [{ title: `${label} of this call`, internal: { datasourceUid: 'lake', query } }],
      });
    }
  });
});

it('lists the threads with calls, sorted by their time in calls', async () => {
  const rows: Row[] = [
    { stream: 'render', id: 1, depth: 1, name: 'draw', begin: 0, end: 10 },
    { stream: 'render', id: 2, depth: 2, name: 'cull', begin: 2, end: 4 },
    { stream: 'physics', id: 1, depth: 1, name: 'step', begin: 0, end: 30 },
    { stream: 'idle', id: -1, depth: 0, name: 'idle-1', begin: 0, end: 30 },
  ];
  const frames = await framesOfRows(
    tables(rows, () => 0, 10),
    windowOf(0, 50)
  );
  const threads = frames.find(({ name }) => name === 'Threads')!;
  expect(threads.fields.map(({ name }) => [name, fieldValues(threads, name)])).toEqual([
    ['Name', ['physics', 'render thread']],
    ['Time in calls', [30, 10]],
    ['Calls', [1, 2]],
    ['streamId', [streamId('physics'), streamId('render')]],
  ]);
  expect(Object.keys(pathsOf(frames[0]))).not.toContain('total > idle');
});

it('links files and lines to the source if the settings have a template', async () => {
  const rows: Row[] = [{ stream: 'physics', id: 1, depth: 1, name: 'step', begin: 0, end: 30 }];
  const parts = tables(rows, () => 0, 10);
  const [, plain] = await framesOfRows(parts, windowOf(0, 50));
  expect(plain.fields.map(({ config }) => config?.links)).toEqual(plain.fields.map(() => undefined));
  const [, linked] = await framesOfRows(parts, windowOf(0, 50), {}, 'https://git.example/{file}#L{line}');
  expect(fieldValues(linked, 'source')).toEqual(['https://git.example/src/step.rs#L7']);
  for (const name of ['File', 'Line']) {
    expect(linked.fields.find((field) => field.name === name)!.config).toEqual({
      links: [{ title: 'Source', url: '${__data.fields["source"]:raw}', targetBlank: true }],
    });
  }
});
