/** Tests callers who request files over the plugin protocol, and read them slowly or not at all. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  data,
  END_STREAM,
  headers,
  ManualClock,
  ping,
  post,
  RawPeer,
  settings,
  windowUpdate,
} from '@micromegas/http2/testing';
import { Binary, Int32, Int64, Table, vectorFromArray } from 'apache-arrow';
import { perfettoPath } from '../../contract/resources/perfetto';
import { FakeHandlers } from '../../tests/fakes/fake-handlers';
import { ADA, pluginContext } from '../../tests/support/plugin';
import { messagesOf } from '../frames/data-frames/testing/arrow-messages';
import {
  flightData,
  finish,
  startFlightServer,
  type DataCall,
  type TestServer,
} from '../lakehouse/flight-sql/testing/flight-test-server';
import { CallResourceRequestSchema } from '../generated/pluginv2/backend_pb';
import { callResource } from '../handlers/call-resource';
import { PendingAuditChecks } from '../handlers/health/pending-audit-checks';
import { OpenFiles } from '../handlers/open-files';
import { type Handlers, type ResourceRequest } from '../query/plugin-request';
import { createInstanceStore, type InstanceStore } from '../lakehouse/instances/instance-store';
import { createLogger } from '../observe/logging/logger';
import { MemoryBudget } from '../observe/memory/memory-budget';
import { createMetrics } from '../observe/metrics/metrics';
import { endLoopback } from '../lakehouse/network/testing/loopback';
import { createOperatorPolicy } from '../lakehouse/operator/operator-policy';
import { GrpcServer } from './grpc-server';
import { pluginServices } from './plugin-services';

const MIB = 1024 * 1024;
const PROCESS = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';
const IMAGE_URL = `image?process=${PROCESS}&time=1`;
const TRACE_URL = perfettoPath({ processId: PROCESS, fromMs: 0, toMs: 1000 });
const IMAGE_BYTES = 8 * MIB;
const RESET = 3;
const HEADERS = 1;
const PING = 6;
const ACK = 1;
/** Sets `SETTINGS_INITIAL_WINDOW_SIZE` to 0, so that the server may not send a byte of a message. */
const CLOSED_WINDOWS = settings([4, 0]);

const image = new Uint8Array(IMAGE_BYTES);
image.set(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
const imageMessages = flightMessages(
  new Table({
    name: vectorFromArray(['shot']),
    payload_size: vectorFromArray([BigInt(IMAGE_BYTES)], new Int64()),
    data: vectorFromArray([image], new Binary()),
  })
);

function flightMessages(table: Table): Buffer[] {
  return messagesOf(table).map(({ header, body }) => flightData(header, body));
}

/** The schema of a trace, and one batch with a chunk of 1 MiB. */
function traceMessages(batch: number): Buffer[] {
  return flightMessages(
    new Table({
      chunk_id: vectorFromArray([batch], new Int32()),
      chunk_data: vectorFromArray([new Uint8Array(MIB)], new Binary()),
    })
  );
}

let clock: ManualClock;
let lake: TestServer;
let store: InstanceStore;
let budget: MemoryBudget;
let server: GrpcServer;
let log: string[];
let counted: string[];
/**
 * The number of batches that the Flight server sends for each trace, and the number of cancelled calls for traces.
 */
let traceBatches: number;
let cancelled: number;
/** Milliseconds by which the system clock was set forward. */
let aheadMs: number;

function sendTrace(call: DataCall): void {
  let isOver = false;
  call.on('cancelled', () => {
    isOver = true;
    cancelled++;
  });
  const next = (batch: number): void => {
    for (let at = batch; at < traceBatches && !isOver; at++) {
      if (
        !traceMessages(at)
          .slice(at === 0 ? 0 : 1)
          .map((message) => call.write(message))
          .every(Boolean)
      ) {
        call.once('drain', () => next(at + 1));
        return;
      }
    }
  };
  next(0);
}

beforeEach(async () => {
  clock = new ManualClock();
  log = [];
  counted = [];
  traceBatches = Infinity;
  cancelled = 0;
  aheadMs = 0;
  lake = await startFlightServer({
    doGet: (sql, call) => {
      if (sql.includes('perfetto_trace_chunks')) {
        sendTrace(call);
      } else {
        finish(call, ...(sql.includes('payload_size') ? imageMessages : traceMessages(0)));
      }
    },
  });
  const logger = createLogger({ write: (line) => log.push(line) });
  const metrics = createMetrics();
  store = createInstanceStore({
    logger,
    metrics,
    now: Date.now,
    elapsedMs: () => performance.now(),
    policy: createOperatorPolicy({}, logger),
    environment: {},
  });
  budget = new MemoryBudget({ totalBytes: 256 * MIB, aheadBytes: 8 * MIB });
  const deps = {
    store,
    logger,
    memory: budget,
    files: new OpenFiles(),
    auditChecks: new PendingAuditChecks(() => performance.now()),
    now: () => Date.now() + aheadMs,
    elapsedMs: () => performance.now(),
    startTimer: (callback: () => void, ms: number) => clock.after(ms, callback),
    metrics: { resourceCalled: (path: string, status: number) => counted.push(`${path} ${status}`) },
    describe: () => {
      throw new Error('Not expected');
    },
    checkHealth: () => Promise.reject(new Error('Not expected')),
  };
  const handlers: Handlers = Object.assign(new FakeHandlers(), {
    callResource: (request: ResourceRequest, signal: AbortSignal) => callResource(request, deps, signal),
  });
  server = new GrpcServer({ methods: pluginServices(handlers), logger, memory: budget, clock });
  await server.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  endLoopback();
  await server.close(0);
  store.close();
  lake.kill();
});

const CALL = post('/pluginv2.Resource/CallResource', ['content-type', 'application/grpc']);

/** The frames of a call. @param source The number of the data source that is called. */
function call(stream: number, url: string, source: number, user = 'ada'): Buffer[] {
  const jsonData = { host: `127.0.0.1:${lake.port}`, selectedAuthType: 'none' } as const;
  const context = pluginContext({ uid: `lake-${source}`, jsonData, user: { ...ADA, login: user } });
  const request = create(CallResourceRequestSchema, {
    pluginContext: context,
    path: url.split('?', 1)[0],
    method: 'GET',
    url,
  });
  const message = toBinary(CallResourceRequestSchema, request);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return [headers(stream, CALL), data(stream, Buffer.concat([prefix, message]), END_STREAM)];
}

/** Waits for a state, and checks that files reserve at most a quarter of the budget. Jest's timeout ends the wait. */
async function until(isReached: () => boolean): Promise<void> {
  let mostReserved = 0;
  while (!isReached()) {
    mostReserved = Math.max(mostReserved, budget.files.reservedBytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(mostReserved).toBeLessThanOrEqual(budget.totalBytes / 4);
}

/** Ids of the streams that the server has reset. */
const resets = (peer: RawPeer) => peer.frames.filter(({ type }) => type === RESET).map(({ streamId }) => streamId);

/** Expects that a call for another data source gets its result. */
async function respondsToAnother(): Promise<void> {
  const peer = await RawPeer.connect(server.port ?? 0);
  peer.send(...call(1, 'columns?table=measures', 99));
  const frame = await peer.findType(0, 1);
  expect(frame?.payload.toString()).toContain('chunk_id');
  peer.socket.destroy();
}

it('limits unread images to a quarter of the budget, and ends their calls after ten seconds', async () => {
  const peer = await RawPeer.connect(server.port ?? 0, CLOSED_WINDOWS);
  // Twelve calls for four data sources.
  peer.send(...Array.from({ length: 12 }, (_, index) => call(2 * index + 1, IMAGE_URL, index % 4)).flat());
  await until(() => budget.files.waiting === 5 && budget.files.reservedBytes === 7 * IMAGE_BYTES);
  await respondsToAnother();
  clock.advance(9999);
  expect(await peer.roundTrip('still on')).toBe(true);
  expect(resets(peer)).toEqual([]);
  clock.advance(1);
  await until(() => resets(peer).length === 7 && budget.files.waiting === 0);
  await until(() => budget.files.reservedBytes === 5 * IMAGE_BYTES);
  clock.advance(10_000);
  await until(() => resets(peer).length === 12 && budget.heldBytes === 0);
  expect(log.filter((line) => line.includes('"code":"file_not_read"'))).toHaveLength(12);
  expect(log.filter((line) => line.includes('"@level":"error"'))).toEqual([]);
  expect(counted.filter((call) => call.startsWith('image'))).toEqual(Array<string>(12).fill('image 499'));
});

it('sends an image to a caller who reads slowly', async () => {
  const peer = await RawPeer.connect(server.port ?? 0, CLOSED_WINDOWS);
  peer.send(...call(1, IMAGE_URL, 1));
  peer.send(windowUpdate(0, IMAGE_BYTES * 2));
  await until(() => budget.files.reservedBytes === IMAGE_BYTES);
  for (let seconds = 0; seconds < 45; seconds += 9) {
    const before = peer.dataBytes(1);
    peer.send(windowUpdate(1, 66_000));
    await peer.find(() => peer.dataBytes(1) > before + 65_000);
    clock.advance(9000);
  }
  expect(resets(peer)).toEqual([]);
  peer.send(windowUpdate(1, IMAGE_BYTES));
  const trailers = await peer.find(({ type, flags }) => type === HEADERS && (flags & END_STREAM) !== 0);
  expect(trailers?.payload.toString('latin1')).toContain('grpc-status');
  expect(peer.dataBytes(1)).toBeGreaterThan(IMAGE_BYTES);
  await until(() => budget.heldBytes === 0);
  expect(counted).toEqual(['image 200']);
});

it('sends the rest of an image even if the system clock was set forward', async () => {
  const peer = await RawPeer.connect(server.port ?? 0, CLOSED_WINDOWS);
  peer.send(...call(1, IMAGE_URL, 1));
  peer.send(windowUpdate(0, IMAGE_BYTES * 2), windowUpdate(1, 66_000));
  await peer.find(() => peer.dataBytes(1) > 65_000);
  aheadMs = 120_000;
  peer.send(windowUpdate(1, IMAGE_BYTES * 2));
  await peer.find(({ type, flags }) => type === HEADERS && (flags & END_STREAM) !== 0);
  expect(peer.dataBytes(1)).toBeGreaterThan(IMAGE_BYTES);
  await until(() => budget.heldBytes === 0);
  expect(counted).toEqual(['image 200']);
});

it('limits unread traces to a quarter of the budget, and ends their calls after a minute', async () => {
  const peer = await RawPeer.connect(server.port ?? 0, CLOSED_WINDOWS);
  // Six callers of two data sources.
  const callers = Array.from({ length: 6 }, (_, index) => call(2 * index + 1, TRACE_URL, index % 2, `user ${index}`));
  peer.send(...callers.flat());
  await until(() => budget.files.waiting === 2 && budget.files.reservedBytes === 64 * MIB);
  await respondsToAnother();
  // Waits until four files have begun: their headers have arrived.
  await until(() => peer.frames.filter(({ type }) => type === HEADERS).length === 4);
  clock.advance(60_000);
  const keepalive = await peer.find(({ type, flags }) => type === PING && flags === 0);
  peer.send(ping(String(keepalive?.payload), ACK));
  await until(() => resets(peer).length === 4 && budget.files.waiting === 0);
  await until(() => peer.frames.filter(({ type }) => type === HEADERS).length === 6);
  clock.advance(60_000);
  await until(() => resets(peer).length === 6 && budget.heldBytes === 0 && cancelled === 6);
  expect(log.filter((line) => line.includes('"code":"file_not_read"'))).toHaveLength(6);
});

it('ends a trace if the lakehouse sends nothing for a minute', async () => {
  traceBatches = 1;
  const peer = await RawPeer.connect(server.port ?? 0, settings([4, 16 * MIB]));
  peer.send(windowUpdate(0, 16 * MIB), ...call(1, TRACE_URL, 1));
  await peer.find(() => peer.dataBytes(1) > 15 * 65_536);
  clock.advance(60_000);
  await until(() => budget.heldBytes === 0 && cancelled === 1);
  expect(counted).toEqual(['perfetto 504']);
});
