import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type LookupRequest } from '../../../contract/resources/lookups';
import { newQuery } from '../model/query-draft';
import { openQueryEditor, PROCESS_ID, STREAM_ID } from '../../testing/query-editor-page';

/** A query that was built from this state. */
const built = (state: BuilderState) => ({ ...newQuery(), query: builderQuery(state).sql, builder: state });

/** A new builder query of this kind. */
const looksAt = (kind: BuilderState['kind']) => built(newState(kind));

/** Excludes radio buttons, which may have the same name as a field. */
const NOT_RADIO = { selector: ':not([type=radio])' };
const findField = (label: string) => screen.findByLabelText(new RegExp(`^${label}( - optional)?$`), NOT_RADIO);
const field = (label: string) => screen.getByLabelText(new RegExp(`^${label}( - optional)?$`), NOT_RADIO);

/** The list of a field. */
const list = (label: string) => within(field(label).parentElement ?? document.body);

/** Opens the list of a field. */
async function open(label: string): Promise<void> {
  const control = await findField(label);
  await act(async () => fireEvent.focus(control));
}

async function type(label: string, value: string): Promise<void> {
  await act(async () => fireEvent.change(field(label), { target: { value } }));
}

async function enter(label: string, value: string): Promise<void> {
  await type(label, value);
  await act(async () => fireEvent.keyDown(field(label), { key: 'Enter' }));
}

const click = async (name: string | RegExp) => userEvent.click(await screen.findByRole('button', { name }));

const MEASURES = [
  { name: 'frame_time', unit: 'ms', target: 'sim', exe: 'ember' },
  { name: 'frame_time', unit: 'ticks', target: 'sim', exe: 'forge' },
  { name: 'frame_time_max', unit: 'ms', target: 'sim', exe: 'ember' },
];

/** Responds to lookups of one kind with these items. */
const itemsFor = (kind: LookupRequest['kind'], items: object[]) => async (request: LookupRequest) =>
  request.kind === kind ? { items, isTruncated: false } : undefined;

it('offers a measure once for each unit, and saves no unit if the field is cleared', async () => {
  const page = await openQueryEditor(looksAt('metrics'), { lookup: itemsFor('measures', MEASURES) });
  await open('Measure');
  expect(await screen.findByText('frame_time: ticks · sim · forge')).toBeInTheDocument();
  expect(screen.getByText('frame_time: ms · sim · ember')).toBeInTheDocument();
  await enter('Measure', 'frame_time (ticks)');
  expect(page.saved()).toMatchObject({
    builder: { name: 'frame_time', unit: 'ticks' },
    query: expect.stringContaining("unit = 'ticks'"),
  });
  expect(field('Measure')).toHaveValue('frame_time (ticks)');
  expect(field('Unit')).toHaveValue('ticks');
  await open('Unit');
  expect(await list('Unit').findByText('ms')).toBeInTheDocument();
  await enter('Unit', '');
  expect(page.saved().builder).toMatchObject({ name: 'frame_time', unit: undefined });
  expect(page.saved().query).not.toContain('ticks');
});

it('lists the typed name of a measure after the measures that contain it', async () => {
  await openQueryEditor(looksAt('metrics'), { lookup: itemsFor('measures', MEASURES) });
  await open('Measure');
  await type('Measure', 'frame');
  const items = () => list('Measure').getAllByRole('listitem');
  await waitFor(() => expect(items().at(-1)).toHaveTextContent('frame: Use this text'));
  expect(items()[0]).toHaveTextContent('frame_time: ms');
});

it.each([
  ['the process in a variable', { value: PROCESS_ID }, PROCESS_ID],
  ['the only selected process in a multi-value variable', { value: [PROCESS_ID], multi: true }, PROCESS_ID],
  ['all processes if the variable has several values', { value: [PROCESS_ID, STREAM_ID], multi: true }, undefined],
  ['all processes if the variable has no value', { value: '' }, undefined],
])('looks up the measures of %s', async (_name, process, processId) => {
  const state = { ...newState('metrics'), processId: '$process' };
  const page = await openQueryEditor(built(state), { variables: { process } });
  await open('Measure');
  expect(await screen.findByText(/^frame_time: /)).toBeInTheDocument();
  const [request] = page.lookups.filter(({ kind }) => kind === 'measures');
  expect(Reflect.get(request, 'processId')).toBe(processId);
});

it('looks up no values of spans while the variable for the process has no value', async () => {
  const page = await openQueryEditor(built({ ...newState('spans'), processId: '$process' }));
  await click('Name');
  await open('Value of filter 1');
  expect(await list('Value of filter 1').findByText('$process')).toBeInTheDocument();
  expect(page.lookups.map(({ kind }) => kind)).not.toContain('values');
});

it('offers the thread and the stream of a span as columns of conditions', async () => {
  await openQueryEditor(built({ ...newState('spans'), spans: 'thread', processId: PROCESS_ID }));
  await click('Filter');
  await open('Column of filter 1');
  const options = list('Column of filter 1');
  expect(await options.findByText(/^thread_name/)).toBeInTheDocument();
  expect(options.getByText(/^stream_id/)).toBeInTheDocument();
});

it('shows the columns before the keys of properties have arrived', async () => {
  let respond: (keys: unknown) => void = () => undefined;
  const keys = new Promise((resolve) => (respond = resolve));
  await openQueryEditor(looksAt('logs'), { lookup: async ({ kind }) => (kind === 'property-keys' ? keys : undefined) });
  await click('Filter');
  await open('Column of filter 1');
  const options = list('Column of filter 1');
  expect(options.getByText(/^msg/)).toBeInTheDocument();
  expect(options.queryByText('properties.region')).not.toBeInTheDocument();
  respond({ items: [{ key: 'region' }], isTruncated: false });
  expect(await options.findByText('properties.region')).toBeInTheDocument();
});

it('keeps the property keys of a chosen table when the keys of the previous table arrive later', async () => {
  let respond: (keys: unknown) => void = () => undefined;
  const slow = new Promise((resolve) => (respond = resolve));
  const keysOf: Record<string, unknown> = {
    log_entries: slow,
    measures: Promise.resolve({ items: [{ key: 'map' }], isTruncated: false }),
  };
  await openQueryEditor(built({ ...newState('table'), table: 'log_entries' }), {
    lookup: async (request) => (request.kind === 'property-keys' ? keysOf[request.table] : undefined),
  });
  await click('Filter');
  await open('Column of filter 1');
  await enter('Table', 'measures');
  await open('Column of filter 1');
  const options = list('Column of filter 1');
  expect(await options.findByText('properties.map')).toBeInTheDocument();
  await act(async () => respond({ items: [{ key: 'region' }], isTruncated: false }));
  expect(options.getByText('properties.map')).toBeInTheDocument();
  expect(options.queryByText('properties.region')).not.toBeInTheDocument();
});

it('offers views that exist only per process or stream, and requires an instance for them', async () => {
  const page = await openQueryEditor(looksAt('table'));
  await open('Table');
  expect(await screen.findByText(/^thread_spans: Calls/)).toBeInTheDocument();
  await enter('Table', 'thread_spans');
  expect(page.saved()).toMatchObject({ query: '', builder: { table: 'thread_spans', instanceId: '' } });
  expect(screen.getByText('Choose a process or stream to see the SQL.')).toBeInTheDocument();
  await enter('Stream', STREAM_ID);
  expect(page.saved().query).toContain(`view_instance('thread_spans', '${STREAM_ID}')`);
  await enter('Stream', '');
  expect(page.saved().query).toBe('');
  await enter('Table', 'log_entries');
  expect(page.saved()).toMatchObject({
    builder: { instanceId: undefined },
    query: expect.stringContaining('log_entries'),
  });
});

it('shows the field "Process or stream" in the form for values, too', async () => {
  const page = await openQueryEditor(built({ ...newState('values'), table: 'net_spans', instanceId: '' }));
  await findField('Process or stream');
  await enter('Process or stream', '$process');
  await enter('Value', 'name');
  expect(page.saved().query).toContain("view_instance('net_spans', '$process')");
});

it('shows the starts of processes in the time zone of the dashboard', async () => {
  await openQueryEditor(built(newState('logs')), { series: [], timeZone: 'Asia/Tokyo' });
  await click('Choose process');
  expect(
    await screen.findByRole('button', { name: 'Choose ember-server on atlas, 1970-01-01 09:16:40' })
  ).toBeInTheDocument();
  expect(screen.getByRole('cell', { name: '1970-01-01 09:16:40' })).toBeInTheDocument();
});

it('chooses a process, and then one of its streams', async () => {
  const page = await openQueryEditor(built({ ...newState('table'), table: 'thread_spans' }));
  await click('Choose stream');
  await click(/^Choose ember-server on atlas/);
  const streams = await screen.findByRole('dialog', { name: 'Choose a stream' });
  const rows = await within(streams).findAllByRole('button', { name: /^Choose / });
  expect(rows[0]).toHaveAccessibleName('Choose render, cpu');
  await click('Processes');
  await click(/^Choose ember-server on atlas/);
  await click('Choose render, cpu');
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  expect(page.saved().builder).toMatchObject({ instanceId: STREAM_ID });
});

it('reports that suggestions are switched off, also in the process dialog', async () => {
  await openQueryEditor(looksAt('metrics'), { suggestsValues: false });
  expect(
    await screen.findByText(/because “Suggest values” is off in the settings of the data source/)
  ).toBeInTheDocument();
  await click('Choose process');
  const dialog = await screen.findByRole('dialog', { name: 'Choose a process' });
  expect(dialog).toHaveTextContent(/The processes are not listed, because “Suggest values” is off/);
  expect(dialog).not.toHaveTextContent('No process matches');
});

it('keeps the notice about a failed lookup when an earlier lookup succeeds later', async () => {
  let respond: (keys: unknown) => void = () => undefined;
  const keys = new Promise((resolve) => (respond = resolve));
  let fails = true;
  await openQueryEditor(looksAt('logs'), {
    lookup: async ({ kind }) => {
      if (kind === 'values' && fails) {
        throw new Error('No server there.');
      }
      return kind === 'property-keys' ? keys : undefined;
    },
  });
  await click('Program');
  await open('Column of filter 1');
  await open('Value of filter 1');
  expect(await screen.findByText(/^The lists have no suggestions: No server there\./)).toBeInTheDocument();
  await act(async () => respond({ items: [{ key: 'region' }], isTruncated: false }));
  expect(screen.getByText(/^The lists have no suggestions: No server there\./)).toBeInTheDocument();
  fails = false;
  await click('Computer');
  await open('Value of filter 2');
  await waitFor(() => expect(screen.queryByText(/^The lists have no suggestions/)).not.toBeInTheDocument());
});

it('keeps the height of the list of processes while a search runs', async () => {
  const listed = {
    processId: PROCESS_ID,
    exe: 'forge',
    computer: 'basalt',
    username: 'ada',
    startMs: 0,
    lastUpdateMs: 1,
  };
  let hangs = false;
  await openQueryEditor(looksAt('logs'), {
    lookup: async ({ kind }) => {
      if (kind !== 'processes') {
        return undefined;
      }
      return hangs ? new Promise(() => undefined) : { items: [listed], isTruncated: true };
    },
  });
  await click('Choose process');
  const area = (await screen.findByText('basalt')).closest('table')?.parentElement;
  hangs = true;
  await userEvent.type(screen.getByLabelText('Search processes'), 'x');
  await waitFor(() => expect(screen.queryByText('basalt')).not.toBeInTheDocument());
  expect(area).toBeInTheDocument();
});

it('filters processes by the property that contains their version', async () => {
  const page = await openQueryEditor(looksAt('processes'), {
    lookup: itemsFor('property-keys', [{ key: 'host' }, { key: 'build-version' }]),
  });
  await waitFor(() => expect(page.lookups.map(({ kind }) => kind)).toContain('property-keys'));
  await click('Version');
  await enter('Value of filter 1', '1.4.2');
  expect(page.saved().query).toContain("property_get(properties, 'build-version') = '1.4.2'");
});

it("shows no second control for filling gaps beside the builder's control", async () => {
  await openQueryEditor({ ...looksAt('metrics'), format: 'time_series' });
  await findField('Measure');
  await click('Options');
  expect(screen.getByLabelText('Legend')).toBeInTheDocument();
  expect(screen.getAllByLabelText('Fill gaps')).toHaveLength(1);
});

it('shows a second control for filling gaps if the query has a fill mode', async () => {
  await openQueryEditor({ ...looksAt('metrics'), format: 'time_series', fillMode: 'zero' });
  await findField('Measure');
  await click('Options');
  expect(screen.getAllByLabelText('Fill gaps')).toHaveLength(2);
});

it.each([
  ['a starting point selects the frame time, if the lakehouse has it', 'frame_time_ms', 'frame_time_ms', 'us'],
  ['a starting point lets the author choose a measure, if there is no frame time', 'fps', '', undefined],
])('%s', async (_title, measure, name, unit) => {
  const page = await openQueryEditor(newQuery(), {
    lookup: itemsFor('measures', [{ name: measure, unit: 'us', target: '', exe: 'x' }]),
  });
  await click(/^Frame time of a program/);
  expect(await findField('Measure')).toHaveValue(name);
  expect(page.saved().builder).toMatchObject({ kind: 'metrics', name, aggregation: 'exact-p95' });
  expect(Reflect.get(page.saved().builder ?? {}, 'unit')).toBe(unit);
});
