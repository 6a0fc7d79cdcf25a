/**
 * A collector of traces on loopback: the OTLP/gRPC service to which the setting `address` in Grafana's section
 * `[tracing.opentelemetry.otlp]` points.
 *
 * Field numbers: open-telemetry/opentelemetry-proto, `collector/trace/v1/trace_service.proto` and
 * `trace/v1/trace.proto`.
 */
import { BinaryReader, type WireType } from '@bufbuild/protobuf/wire';
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';

export interface CollectedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  traceState: string;
  name: string;
  /** 1 internal, 2 server, 3 client. */
  kind: number;
  /** Nanoseconds since 1970. */
  startNs: bigint;
  endNs: bigint;
  attributes: Record<string, string | number>;
  /** 0 unset, 1 ok, 2 error. */
  status: number;
  statusMessage: string;
  /** Attributes of the service that sent the span. */
  resource: Record<string, string | number>;
}

export interface OtlpCollector {
  /** `127.0.0.1:port`, the form of Grafana's setting. */
  address: string;
  spans: CollectedSpan[];
  /** The received requests. */
  raw: Buffer[];
  /** Resolves as soon as spans have arrived for which `find` returns a value. */
  waitFor<Value>(find: (spans: readonly CollectedSpan[]) => Value | undefined): Promise<Value>;
  close(): void;
}

type Reader = (reader: BinaryReader, wireType: WireType) => void;

function readFields(bytes: Uint8Array, fields: Readonly<Record<number, Reader>>): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (fields[number] === undefined) {
      reader.skip(wireType, number);
    } else {
      fields[number](reader, wireType);
    }
  }
}

function readAttribute(bytes: Uint8Array, into: Record<string, string | number>): void {
  let key = '';
  readFields(bytes, {
    1: (reader) => (key = reader.string()),
    2: (reader) =>
      readFields(reader.bytes(), {
        1: (value) => (into[key] = value.string()),
        3: (value) => (into[key] = Number(value.int64())),
        4: (value) => (into[key] = value.double()),
      }),
  });
}

const hex = (reader: BinaryReader) => Buffer.from(reader.bytes()).toString('hex');

function readSpan(bytes: Uint8Array, resource: CollectedSpan['resource']): CollectedSpan {
  const span: CollectedSpan = {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    traceState: '',
    name: '',
    kind: 0,
    startNs: 0n,
    endNs: 0n,
    attributes: {},
    status: 0,
    statusMessage: '',
    resource,
  };
  readFields(bytes, {
    1: (reader) => (span.traceId = hex(reader)),
    2: (reader) => (span.spanId = hex(reader)),
    3: (reader) => (span.traceState = reader.string()),
    4: (reader) => (span.parentSpanId = hex(reader)),
    5: (reader) => (span.name = reader.string()),
    6: (reader) => (span.kind = reader.int32()),
    7: (reader) => (span.startNs = BigInt(reader.fixed64())),
    8: (reader) => (span.endNs = BigInt(reader.fixed64())),
    9: (reader) => readAttribute(reader.bytes(), span.attributes),
    15: (reader) =>
      readFields(reader.bytes(), {
        2: (status) => (span.statusMessage = status.string()),
        3: (status) => (span.status = status.int32()),
      }),
  });
  return span;
}

function readRequest(bytes: Uint8Array): CollectedSpan[] {
  const spans: CollectedSpan[] = [];
  const readResourceSpans = (message: Uint8Array) => {
    const resource: CollectedSpan['resource'] = {};
    readFields(message, {
      1: (reader) => readFields(reader.bytes(), { 1: (attribute) => readAttribute(attribute.bytes(), resource) }),
      2: (reader) => readFields(reader.bytes(), { 2: (span) => spans.push(readSpan(span.bytes(), resource)) }),
    });
  };
  readFields(bytes, { 1: (reader) => readResourceSpans(reader.bytes()) });
  return spans;
}

const asIs = (bytes: Buffer) => bytes;

export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const raw: Buffer[] = [];
  const waiting = new Set<() => void>();
  const server = new Server();
  const method = {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  server.addService(
    { export: method },
    {
      export: ({ request }: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) => {
        raw.push(request);
        spans.push(...readRequest(request));
        respond(null, Buffer.alloc(0));
        waiting.forEach((look) => look());
      },
    }
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error)
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    spans,
    raw,
    waitFor: (find) =>
      new Promise((resolve) => {
        const look = () => {
          const found = find(spans);
          if (found !== undefined) {
            waiting.delete(look);
            resolve(found);
          }
        };
        waiting.add(look);
        look();
      }),
    close: () => server.forceShutdown(),
  };
}
