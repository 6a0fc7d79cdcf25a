import { CoreApp, FieldType, toDataFrame } from '@grafana/data';
import { act, configure, fireEvent, screen, within } from '@testing-library/react';
import userEvent, { PointerEventsCheckLevel } from '@testing-library/user-event';
import { NEVER } from 'rxjs';
import { type LookupRequest } from '../../../contract/resources/lookups';
import { queryProblem } from '../../../contract/queries/query-bounds';
import { isViewQuery, viewRequestOf } from '../../../contract/query-types/view-request';
import { newQuery } from '../model/query-draft';
import { respondInParts } from '../../testing/fake-backend';
import { addValues, removeValue } from '../../testing/multi-combobox';
import { openQueryEditor, PROCESS_ID, type QueryPage, STREAM_ID } from '../../testing/query-editor-page';
import { type MicromegasQuery } from '../../shared/types';
import { queryLabel } from '../query-editor/query-label';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

// The checks of visibility and of `pointer-events` are off, because they are slow: at each query by role and at each
// click, they compute the styles of all controls and of all parents of the controls.
configure({ defaultHidden: true });
const user = userEvent.setup({ pointerEventsCheck: PointerEventsCheckLevel.Never });

let page: QueryPage;

/** The backend accepts the saved query at the end of each test. */
afterEach(() => {
  const { queryType } = page.saved();
  expect(queryProblem(page.saved())).toBeUndefined();
  if (isViewQuery(page.saved())) {
    expect(viewRequestOf(page.saved())?.type).toBe(queryType);
  }
});

async function open(query: Partial<MicromegasQuery>, options?: Parameters<typeof openQueryEditor>[1]): Promise<void> {
  page = await openQueryEditor(query, options);
}

async function chooseType(label: string): Promise<void> {
  const types = await screen.findByRole('radiogroup', { name: 'Query type' });
  await user.click(within(types).getByRole('radio', { name: label }));
}

async function chooseView(label: string): Promise<void> {
  const views = await screen.findByRole('radiogroup', { name: 'View' });
  await user.click(within(views).getByRole('radio', { name: label }));
}

const named = (label: string) => new RegExp(`^${label}( - optional)?$`);
const field = (label: string) => screen.getByLabelText(named(label), { selector: 'input, select' });

const findInput = (label: string) => screen.findByLabelText(named(label), { selector: 'input' });

async function enter(label: string, value: string): Promise<void> {
  const control = await findInput(label);
  await act(async () => {
    fireEvent.focus(control);
    fireEvent.change(control, { target: { value } });
    fireEvent.keyDown(control, { key: 'Enter' });
  });
}

describe('the choice of the type', () => {
  it('keeps the SQL and the requests of the other types', async () => {
    const saved = { query: 'SELECT 1', format: 'logs' as const, rawEditor: true, rowLimit: 5 };
    await open(saved);
    await chooseType('Traces');
    expect(page.saved()).toEqual({ refId: 'A', ...saved, queryType: 'traces', traces: { view: 'search' } });
    expect(page.runs()).toBe(1);
    expect(screen.queryByLabelText('SQL', { selector: 'textarea' })).not.toBeInTheDocument();
    await enter('Limit', '20');
    await chooseType('Processes');
    await enter('Search', 'ember');
    await chooseType('Profile');
    // A query that became incomplete runs once, so that Grafana removes the result.
    expect(page.runs()).toBe(5);
    await chooseType('Traces');
    expect(field('Limit')).toHaveValue(20);
    await chooseType('SQL');
    expect(screen.getByLabelText('SQL', { selector: 'textarea' })).toHaveValue('SELECT 1');
    expect(page.saved()).toEqual({
      refId: 'A',
      ...saved,
      traces: { view: 'search', limit: 20 },
      processes: { view: 'list', search: 'ember' },
      profile: { view: 'flame-graph', processId: '' },
    });
  });

  it('opens saved queries of older versions and of other data sources as SQL', async () => {
    await open({ queryText: 'SELECT 1', queryType: 'traceqlSearch' });
    expect(screen.getByRole('radio', { name: 'SQL' })).toBeChecked();
    expect(screen.getByLabelText('SQL', { selector: 'textarea' })).toHaveValue('SELECT 1');
  });

  it('is hidden in annotations, and shown in alert rules only for a query without SQL', async () => {
    await open({ query: 'SELECT 1', purpose: 'annotation' });
    expect(screen.queryByRole('radiogroup', { name: 'Query type' })).not.toBeInTheDocument();
    page.close();
    await open({ query: 'SELECT 1' }, { app: CoreApp.UnifiedAlerting });
    expect(screen.queryByRole('radiogroup', { name: 'Query type' })).not.toBeInTheDocument();
    page.close();
    await open({ queryType: 'traces', traces: { view: 'search' } }, { app: CoreApp.UnifiedAlerting });
    expect(screen.getByText(/^Alert rules need numbers/)).toBeInTheDocument();
    await chooseType('SQL');
    expect(screen.queryByText(/^Alert rules need numbers/)).not.toBeInTheDocument();
  });

  it('does not choose the format of SQL from the result of another type', async () => {
    const series = [toDataFrame({ refId: 'A', fields: [{ name: 'time', type: FieldType.time, values: [1] }, { name: 'msg', values: ['a'] }] })]; // prettier-ignore
    await open({ ...newQuery(), rawEditor: true, queryType: 'traces', traces: { view: 'search' } }, { series });
    await chooseType('SQL');
    await user.type(screen.getByLabelText('SQL', { selector: 'textarea' }), 'SELECT 1');
    expect(page.saved()).toMatchObject({ query: 'SELECT 1', format: 'table' });
    page.receiveResult([toDataFrame({ ...series[0], refId: 'A' })]);
    expect(page.saved().format).toBe('logs');
  });

  it('explains why the form cannot show a request, and offers to empty the form', async () => {
    await open({ queryType: 'traces', traces: JSON.parse('{"view":"everything"}') });
    expect(await screen.findByText('The form cannot show the saved query')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Run query' })).toBeEnabled();
    await user.click(screen.getByRole('button', { name: 'Empty the form' }));
    expect(page.saved().traces).toEqual({ view: 'search' });
    expect(page.runs()).toBe(1);
  });

  it.each([
    [
      'traces',
      { view: 'search', services: null, statuses: null, minDurationMs: null, attributes: null },
      'Min duration',
    ],
    ['traces', { view: 'trace', traceId: null }, 'Trace id'],
    ['profile', { view: 'timeline', processId: PROCESS_ID, spans: null, beginNs: null, endNs: '' }, 'Root function'],
    ['processes', { view: 'tree', processId: null, state: null, limit: null }, 'Search'],
    ['what-changed', { processIds: null, exe: null, atMs: '' }, 'Program'],
  ])('opens a saved query of the type %s with null in place of missing fields', async (queryType, request, label) => {
    await open(JSON.parse(JSON.stringify({ queryType, [queryType]: request })));
    expect(await findInput(label)).toHaveDisplayValue('');
    expect(screen.queryByText('Moment')).not.toBeInTheDocument();
    expect(queryLabel(page.saved())).not.toMatch(/null|duration/);
  });

  it('starts a search for traces with one click in an empty query', async () => {
    await open(newQuery());
    await user.click(await screen.findByRole('button', { name: /^Traces with errors/ }));
    expect(page.saved()).toMatchObject({ queryType: 'traces', traces: { view: 'search', statuses: ['ERROR'] } });
    expect(page.runs()).toBe(1);
    expect(await screen.findByRole('radiogroup', { name: 'View' })).toBeInTheDocument();
  });
});

describe('traces', () => {
  const search = { queryType: 'traces', traces: { view: 'search' as const } };

  it('shows the saved duration when another query replaces a query with an invalid duration', async () => {
    await open(search);
    await enter('Min duration', 'soon');
    expect(screen.getByText(/^Enter a duration/)).toBeInTheDocument();
    page.receive({ refId: 'A', queryType: 'traces', traces: { view: 'search', minDurationMs: 250 } });
    expect(field('Min duration')).toHaveValue('250ms');
    expect(screen.queryByText(/^Enter a duration/)).not.toBeInTheDocument();
  });

  it('drops an invalid duration when another query without a duration replaces the query', async () => {
    await open(search);
    await enter('Min duration', 'soon');
    await addValues(field('Operation'), 'GET /cart');
    expect(field('Min duration')).toHaveValue('soon');
    page.receive({ ...page.saved() });
    expect(field('Min duration')).toHaveValue('soon');
    page.receive({ refId: 'A', queryType: 'traces', traces: { view: 'search', operations: ['GET /'] } });
    expect(field('Min duration')).toHaveValue('');
    expect(screen.queryByText(/^Enter a duration/)).not.toBeInTheDocument();
  });

  it('adds an attribute beside an attribute that another tool has saved', async () => {
    const attributes = [{ key: 'http.route', operator: 'contains' as const, value: 500 }];
    await open({ queryType: 'traces', traces: { view: 'search', attributes } });
    await user.click(await screen.findByRole('button', { name: 'Add attribute' }));
    expect(screen.getByLabelText('Key of attribute 1')).toHaveValue('http.route');
    expect(screen.getByLabelText('Key of attribute 2')).toHaveValue('');
    expect(page.saved().traces?.attributes).toEqual(attributes);
  });

  it('removes an attribute with an empty value, which another tool has saved', async () => {
    await open({
      queryType: 'traces',
      traces: { view: 'search', attributes: [{ key: 'a', operator: '=', value: '' }] },
    });
    await user.click(await screen.findByRole('button', { name: /^Remove/ }));
    expect(page.saved().traces).not.toHaveProperty('attributes', expect.anything());
  });

  it('searches by the conditions of spans', async () => {
    await open(search);
    await addValues(await findInput('Service'), 'api', 'worker');
    await addValues(field('Operation'), 'GET /cart');
    await addValues(field('Status'), 'Error');
    await addValues(field('Kind'), 'Server', 'Client');
    await enter('Min duration', '250ms');
    await enter('Max duration', '1.5s');
    await enter('Limit', '20');
    await enter('Process', PROCESS_ID);
    expect(page.saved().traces).toEqual({
      view: 'search',
      services: ['api', 'worker'],
      operations: ['GET /cart'],
      statuses: ['ERROR'],
      kinds: ['SERVER', 'CLIENT'],
      minDurationMs: 250,
      maxDurationMs: 1500,
      limit: 20,
      processId: PROCESS_ID,
    });
    expect(page.runs()).toBe(10);
    removeValue(field('Service'), 'api');
    expect(page.saved().traces).toMatchObject({ services: ['worker'] });
    removeValue(field('Service'), 'worker');
    await enter('Min duration', '');
    await enter('Limit', '');
    expect(page.saved().traces).not.toHaveProperty('services', expect.anything());
    expect(field('Min duration')).toHaveValue('');
  });

  it('keeps the last valid values of a limit and of a duration', async () => {
    await open({ ...search, traces: { view: 'search', limit: 20, minDurationMs: 90_000 } });
    expect(await screen.findByLabelText(named('Min duration'))).toHaveValue('90s');
    await enter('Limit', '5000');
    await enter('Min duration', 'slow');
    expect(screen.getByText('Enter a whole number from 1 to 1,000.')).toBeInTheDocument();
    expect(screen.getByText('Enter a duration such as 250ms or 1.5s.')).toBeInTheDocument();
    expect(page.saved().traces).toEqual({ view: 'search', limit: 20, minDurationMs: 90_000 });
    expect(page.runs()).toBe(0);
    await enter('Limit', '50');
    expect(screen.queryByText('Enter a whole number from 1 to 1,000.')).not.toBeInTheDocument();
    expect(page.saved().traces).toMatchObject({ limit: 50 });
  });

  it('saves one order, and shows the window of a link until it is removed', async () => {
    const traces = { view: 'search' as const, failedFirst: true, fromMs: '1700000000000', toMs: '1700000000000+60000' };
    await open({ ...search, traces });
    expect(await screen.findByRole('radio', { name: 'Failed first' })).toBeChecked();
    await user.click(screen.getByRole('radio', { name: 'Slowest first' }));
    expect(page.saved().traces).toEqual({ ...traces, failedFirst: undefined, slowestFirst: true });
    expect(screen.getByText(/, 1m$/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Show the whole time range' }));
    await user.click(screen.getByRole('radio', { name: 'Newest' }));
    expect(JSON.parse(JSON.stringify(page.saved().traces))).toEqual({ view: 'search' });
    expect(screen.queryByRole('button', { name: 'Show the whole time range' })).not.toBeInTheDocument();
  });

  it('saves a condition on an attribute when it is complete, with the type of its value', async () => {
    await open(search);
    await user.click(await screen.findByRole('button', { name: 'Add attribute' }));
    await enter('Key of attribute 1', 'http.status_code');
    expect(page.saved()).toEqual({ refId: 'A', ...search });
    expect(page.runs()).toBe(0);
    await enter('Value of attribute 1', '500');
    expect(screen.getByText('number')).toBeInTheDocument();
    expect(page.saved().traces?.attributes).toEqual([{ key: 'http.status_code', operator: '=', value: 500 }]);
    await enter('Value of attribute 1', '"500"');
    expect(screen.getByText('text')).toBeInTheDocument();
    expect(page.saved().traces?.attributes).toEqual([{ key: 'http.status_code', operator: '=', value: '500' }]);
    await user.selectOptions(field('Operator of attribute 1'), 'exists');
    expect(page.saved().traces?.attributes).toEqual([{ key: 'http.status_code', operator: 'exists' }]);
    await user.selectOptions(field('Operator of attribute 1'), 'is missing');
    expect(page.saved().traces?.attributes).toEqual([{ key: 'http.status_code', operator: 'missing' }]);
    expect(page.runs()).toBe(4);
    await user.click(screen.getByRole('button', { name: 'Remove Attributes 1' }));
    expect(page.saved().traces).not.toHaveProperty('attributes', expect.anything());
  });

  it('shows the attributes of a query from outside the editor, for example from the query history', async () => {
    await open(search);
    await user.click(await screen.findByRole('button', { name: 'Add attribute' }));
    await enter('Key of attribute 1', 'a');
    const attributes = [{ key: 'retry', operator: '=' as const, value: 'true' }];
    page.receive({ refId: 'A', queryType: 'traces', traces: { view: 'search', attributes } });
    expect(field('Key of attribute 1')).toHaveValue('retry');
    expect(field('Value of attribute 1')).toHaveValue('"true"');
    await enter('Value of attribute 1', 'true');
    expect(page.saved().traces?.attributes).toEqual([{ key: 'retry', operator: '=', value: true }]);
  });

  it('suggests services, operations and attributes of processes with spans', async () => {
    const lists: Partial<Record<LookupRequest['kind'], unknown[]>> = {
      streams: [{ streamId: STREAM_ID, tags: ['trace'], name: '' }],
      values: [{ value: 'POST /pay' }],
    };
    await open(search, {
      lookup: async (request) => {
        const isResource = request.kind === 'property-keys' && request.column === 'process_properties';
        const items = isResource ? [{ key: 'otel.resource.host.name' }, { key: 'build' }] : lists[request.kind];
        return items && { items, isTruncated: false };
      },
    });
    await user.click(await screen.findByLabelText(named('Service')));
    expect(await screen.findByText('ember-server')).toBeInTheDocument();
    await user.click(field('Operation'));
    expect(await screen.findByText('POST /pay')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Add attribute' }));
    await user.click(field('Key of attribute 1'));
    expect(await screen.findByText('region')).toBeInTheDocument();
    expect(await screen.findByText('resource.host.name')).toBeInTheDocument();
    expect(screen.queryByText('build')).not.toBeInTheDocument();
    await enter('Key of attribute 1', 'resource.host.name');
    await user.click(field('Value of attribute 1'));
    expect(page.lookups).toContainEqual(
      expect.objectContaining({
        kind: 'values',
        table: 'otel_spans',
        instanceId: PROCESS_ID,
        column: 'process_properties',
        property: 'otel.resource.host.name',
      })
    );
  });

  it('runs the query as soon as a string with the id of a trace is pasted', async () => {
    await open(search);
    await chooseView('By id');
    // A query that became incomplete runs once, so that Grafana removes the result.
    expect(page.runs()).toBe(1);
    expect(screen.getByRole('button', { name: 'Run query' })).toBeDisabled();
    await user.click(field('Trace id'));
    await user.paste(`https://grafana.example/explore?traceId=${TRACE_ID.toUpperCase()}`);
    expect(page.saved().traces).toEqual({ view: 'trace', traceId: TRACE_ID });
    expect(page.runs()).toBe(2);
    expect(field('Trace id')).toHaveValue(TRACE_ID);
  });

  it('marks an invalid trace id, but not a variable', async () => {
    await open({ queryType: 'traces', traces: { view: 'trace' } });
    await enter('Trace id', '4bf92f');
    expect(screen.getByText('A trace id has 32 or 16 hexadecimal digits.')).toBeInTheDocument();
    await enter('Trace id', '$trace');
    expect(screen.queryByText('A trace id has 32 or 16 hexadecimal digits.')).not.toBeInTheDocument();
    expect(page.saved().traces).toEqual({ view: 'trace', traceId: '$trace' });
  });

  it('when another id is entered, removes the trace id that a link of the trace view saved as the SQL', async () => {
    await open({ queryType: 'traces', traces: { view: 'trace', traceId: TRACE_ID }, query: TRACE_ID });
    await enter('Trace id', TRACE_ID.replace('4', '5'));
    expect(page.saved()).toMatchObject({ query: '', traces: { traceId: TRACE_ID.replace('4', '5') } });
  });

  it('narrows the service map to a service', async () => {
    await open(search);
    await chooseView('Service map');
    await addValues(field('Service'), 'api');
    expect(page.saved().traces).toEqual({ view: 'service-map', services: ['api'] });
    expect(screen.queryByLabelText(named('Limit'))).not.toBeInTheDocument();
  });
});

describe('profile', () => {
  const flame = { queryType: 'profile', profile: { view: 'flame-graph' as const, processId: '' } };

  it('runs when a process is chosen, and suggests its threads and their functions', async () => {
    await open(flame);
    expect(await screen.findByLabelText('Process')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Run query' })).toBeDisabled();
    await enter('Root function', 'frame');
    expect(page.runs()).toBe(0);
    await enter('Process', PROCESS_ID);
    expect(page.runs()).toBe(1);
    await user.click(field('Thread'));
    expect(await screen.findByText(`render: ${STREAM_ID}`)).toBeInTheDocument();
    expect(screen.queryByText('a1b2c3d4-0000-4000-8000-000000000001')).not.toBeInTheDocument();
    await enter('Thread', STREAM_ID);
    await user.click(field('Root function'));
    expect(page.lookups).toContainEqual(
      expect.objectContaining({ kind: 'values', table: 'thread_spans', instanceId: STREAM_ID, column: 'name' })
    );
    expect(page.saved().profile).toEqual({
      view: 'flame-graph',
      processId: PROCESS_ID,
      streamId: STREAM_ID,
      root: 'frame',
    });
  });

  it('drops network spans when the view changes from a timeline to a flame graph', async () => {
    await open({ queryType: 'profile', profile: { view: 'timeline', processId: PROCESS_ID } });
    await addValues(await findInput('Spans'), 'Threads', 'Network');
    expect(page.saved().profile?.spans).toEqual(['thread', 'net']);
    await chooseView('Flame graph');
    expect(page.saved().profile?.spans).toEqual(['thread']);
  });

  it('shows the time window of a link, and removes it', async () => {
    const window = { beginNs: '1700000000000000000', endNs: '1700000000016000000' };
    await open({
      queryType: 'profile',
      profile: { view: 'timeline', processId: PROCESS_ID, streamId: STREAM_ID, ...window },
    });
    expect(await screen.findByText(/, 16ms$/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Show the whole time range' }));
    expect(screen.queryByText(/, 16ms$/)).not.toBeInTheDocument();
    expect(page.saved().profile).toEqual({ view: 'timeline', processId: PROCESS_ID, streamId: STREAM_ID });
    expect(page.runs()).toBe(1);
  });

  it.each([
    { window: {}, asked: 'from=0&to=3600000' },
    { window: { beginNs: '1700000000000900000', endNs: '+16000000' }, asked: 'from=1700000000000&to=1700000000017' },
    { window: { beginNs: '2000000000' }, asked: 'from=2000&to=3600000' },
  ])('downloads the Perfetto trace of the time that the form shows: $asked', async ({ window, asked }) => {
    const downloads = respondInParts(() => NEVER);
    await open({ queryType: 'profile', profile: { view: 'timeline', processId: PROCESS_ID, ...window } });
    await user.click(await screen.findByRole('button', { name: 'Download Perfetto trace' }));
    expect(downloads).toEqual([expect.stringContaining(`?process=${PROCESS_ID}&${asked}&`)]);
  });

  it('drops the thread and the time window when the process changes', async () => {
    await open({
      queryType: 'profile',
      profile: { view: 'timeline', processId: PROCESS_ID, streamId: STREAM_ID, beginNs: '1', endNs: '2' },
    });
    await enter('Process', '$process');
    expect(page.saved().profile).toEqual({ view: 'timeline', processId: '$process' });
  });
});

describe('processes', () => {
  const list = { queryType: 'processes', processes: { view: 'list' as const } };

  it('lists processes by their properties', async () => {
    await open(list);
    await enter('Search', ' ember ');
    await user.selectOptions(field('State'), 'Crashed');
    await enter('Program', 'ember-server');
    await enter('Computer', 'atlas');
    await enter('User', 'ada');
    await enter('Version', '1.2');
    await enter('Limit', '5000');
    expect(page.saved().processes).toEqual({
      view: 'list',
      search: 'ember',
      state: 'crashed',
      exe: 'ember-server',
      computer: 'atlas',
      username: 'ada',
      version: '1.2',
      limit: 5000,
    });
    expect(page.runs()).toBe(7);
    await user.selectOptions(field('State'), 'Any');
    expect(page.saved().processes).not.toHaveProperty('state', expect.anything());
  });

  it('runs a tree without a process, but images only with a process', async () => {
    await open(list);
    await chooseView('Tree');
    expect(page.runs()).toBe(1);
    expect(field('Program')).toBeInTheDocument();
    await chooseView('Images');
    // A query that became incomplete runs once, so that Grafana removes the result.
    expect(page.runs()).toBe(2);
    expect(screen.queryByLabelText(named('Program'))).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Choose process' }));
    await user.click(await screen.findByRole('button', { name: /^Choose ember-server on atlas/ }));
    expect(page.lookups).toContainEqual(expect.objectContaining({ kind: 'processes', has: 'image' }));
    expect(page.saved().processes).toEqual({ view: 'images', processId: PROCESS_ID });
    expect(page.runs()).toBe(3);
    await chooseView('Tree');
    expect(screen.queryByLabelText(named('Program'))).not.toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Download Perfetto trace' })).toBeInTheDocument();
    await chooseView('List');
    expect(screen.queryByRole('button', { name: 'Download Perfetto trace' })).not.toBeInTheDocument();
    expect(page.saved().processes).toEqual({ view: 'list' });
    expect(screen.queryByRole('button', { name: 'Choose process' })).not.toBeInTheDocument();
  });

  it('shows the process of a saved list, and lets the user remove the process', async () => {
    await open({ ...list, processes: { view: 'list', processId: PROCESS_ID } });
    expect(await screen.findByLabelText(named('Process'))).toHaveValue(PROCESS_ID);
    await enter('Process', '');
    expect(page.saved().processes).toEqual({ view: 'list' });
    expect(screen.queryByLabelText(named('Process'))).not.toBeInTheDocument();
  });

  it('suggests the versions of all properties that contain versions', async () => {
    const versions = new Map([
      ['version', ['1.2', '1.3']],
      ['build-version', ['1.3', '++UE5+Release-5.4']],
    ]);
    await open(list, {
      lookup: async (request) => {
        const found = request.kind === 'values' && versions.get(request.property ?? '');
        return request.kind === 'values' && { items: (found || []).map((value) => ({ value })), isTruncated: false };
      },
    });
    await user.click(await screen.findByLabelText(named('Version')));
    expect(await screen.findByText('++UE5+Release-5.4')).toBeInTheDocument();
    expect(screen.getByText('1.2')).toBeInTheDocument();
    expect(screen.getAllByText('1.3')).toHaveLength(1);
    expect(screen.getAllByText('$process')).toHaveLength(1);
  });

  it('reports a failed lookup, and accepts typed text', async () => {
    await open(list, { lookup: () => Promise.reject(new Error('No server there.')) });
    await user.click(await screen.findByLabelText(named('Program')));
    expect(await screen.findByText(/^The lists have no suggestions: No server there\./)).toBeInTheDocument();
    await enter('Program', 'x');
    expect(page.saved().processes).toEqual({ view: 'list', exe: 'x' });
  });
});

it('shows the starts of suggested processes in the time zone of the dashboard', async () => {
  await open({ queryType: 'what-changed', 'what-changed': {} }, { series: [], timeZone: 'Asia/Tokyo' });
  await user.click(await screen.findByRole('combobox', { name: 'Processes' }));
  expect(await screen.findByText(/^atlas, 1970-01-01 09:16:40, /)).toBeInTheDocument();
});

describe('what changed', () => {
  const MISSING = /^The query does not run yet: choose Processes or a Program, or the scope Whole lakehouse\.$/;

  it('says what is missing, and runs for the whole lakehouse without processes', async () => {
    await open({ queryType: 'what-changed', 'what-changed': {} });
    expect(await screen.findByText(MISSING)).toBeInTheDocument();
    await user.click(screen.getByRole('radio', { name: 'Whole lakehouse' }));
    expect(screen.queryByText(MISSING)).not.toBeInTheDocument();
    expect(screen.queryByRole('combobox', { name: 'Processes' })).not.toBeInTheDocument();
    expect(page.saved()['what-changed']).toEqual({ scope: 'lakehouse' });
    expect(page.runs()).toBe(1);
  });

  it('adds and removes the callers and callees of a program', async () => {
    await open({ queryType: 'what-changed', 'what-changed': { exe: 'api' } });
    await user.click(await screen.findByRole('radio', { name: 'With callers and callees' }));
    expect(page.saved()['what-changed']).toEqual({ exe: 'api', scope: 'callers-and-callees' });
    await user.click(screen.getByRole('radio', { name: 'Selected' }));
    expect(page.saved()['what-changed']?.scope).toBeUndefined();
    expect(screen.queryByText('Moment')).not.toBeInTheDocument();
  });

  it('chooses the length of the window before a moment', async () => {
    await open({ queryType: 'what-changed', 'what-changed': { exe: 'api', atMs: '1000000000' } });
    expect(await screen.findByRole('radio', { name: '30 minutes' })).toBeChecked();
    expect(screen.getByText(/35m/)).toBeInTheDocument();
    await user.click(screen.getByRole('radio', { name: '2 hours' }));
    expect(page.saved()['what-changed']).toMatchObject({ lookBack: '2h', atMs: '1000000000' });
    await user.click(screen.getByRole('button', { name: 'Show the whole time range' }));
    expect(page.saved()['what-changed']).toEqual({ exe: 'api' });
    expect(screen.queryByRole('radio', { name: '2 hours' })).not.toBeInTheDocument();
  });
});
