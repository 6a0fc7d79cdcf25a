/**
 * Calls the gRPC services of a plugin in the same way as Grafana does, with messages of the generated types.
 */
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type ClientOptions, type ServiceError } from '@grpc/grpc-js';
import { GRPCController, GRPCStdio } from '../../proxy/generated/plugin/process_pb';
import {
  Data,
  Diagnostics,
  Resource,
  type CheckHealthRequestSchema,
  type CheckHealthResponse,
  type PluginContextSchema,
  type QueryChunkedDataRequestSchema,
  type QueryChunkedDataResponse,
  type QueryDataRequestSchema,
  type QueryDataResponse,
} from '../../proxy/generated/pluginv2/backend_pb';

export interface CallOptions {
  /** Cancels the call, as Grafana does when the user closes the browser tab. */
  signal?: AbortSignal;
  /** Milliseconds until the call fails with DEADLINE_EXCEEDED. */
  timeoutMs?: number;
  /** Metadata of the call, for example the trace context `traceparent`. */
  metadata?: Readonly<Record<string, string>>;
}

export interface ResourceCall {
  context?: MessageInitShape<typeof PluginContextSchema>;
  /** Without leading slash and without query string. */
  path: string;
  method?: string;
  /** Path with query string. Default: the path. */
  url?: string;
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array;
}

/** A part of a response. The first part has the status and the headers of the response. */
export interface ResourcePart {
  status: number;
  headers: Readonly<Record<string, readonly string[]>>;
  body: Uint8Array;
}

export interface ResourceOptions extends CallOptions {
  /** Called with each part when the part arrives. If the callback returns a promise, the next part waits for it. */
  onPart?: (part: ResourcePart) => void | Promise<void>;
}

export interface ResourceResponse {
  status: number;
  headers: Readonly<Record<string, readonly string[]>>;
  body: Uint8Array;
}

/** Like Grafana: no limit for the size of messages, and one connection per plugin. */
const CLIENT_OPTIONS: ClientOptions = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.use_local_subchannel_pool': 1,
  'grpc-node.flow_control_window': 8 * 1024 * 1024,
};

/** Called with the bytes of each response message, and with each error. */
export type ResponseListener = (response: Uint8Array | ServiceError) => void;

interface Cancellable {
  cancel(): void;
}

export class PluginClient {
  readonly #onResponse: ResponseListener;
  readonly #client: Client;

  /** @param address For grpc-js: `unix:/path` or `host:port`. */
  constructor(address: string, onResponse: ResponseListener = () => undefined) {
    this.#onResponse = onResponse;
    this.#client = new Client(address, credentials.createInsecure(), CLIENT_OPTIONS);
  }

  queryData(
    request: MessageInitShape<typeof QueryDataRequestSchema>,
    options?: CallOptions
  ): Promise<QueryDataResponse> {
    return this.unary(Data.method.queryData, request, options);
  }

  /** All response messages, in the order of their arrival. */
  queryChunkedData(
    request: MessageInitShape<typeof QueryChunkedDataRequestSchema>,
    options?: CallOptions
  ): Promise<QueryChunkedDataResponse[]> {
    return this.serverStreaming(Data.method.queryChunkedData, request, options);
  }

  checkHealth(
    request: MessageInitShape<typeof CheckHealthRequestSchema>,
    options?: CallOptions
  ): Promise<CheckHealthResponse> {
    return this.unary(Diagnostics.method.checkHealth, request, options);
  }

  async callResource(call: ResourceCall, options: ResourceOptions = {}): Promise<ResourceResponse> {
    const parts: ResourcePart[] = [];
    await this.streamResource(call, {
      ...options,
      onPart(part) {
        parts.push(part);
        return options.onPart?.(part);
      },
    });
    return { ...parts[0], body: Buffer.concat(parts.map(({ body }) => body)) };
  }

  /** Reads a response part by part, and keeps no part. */
  async streamResource(call: ResourceCall, { onPart, ...options }: ResourceOptions): Promise<void> {
    const headers = Object.entries(call.headers ?? {}).map(([name, value]) => [name, { values: [value] }]);
    const request: MessageInitShape<typeof Resource.method.callResource.input> = {
      pluginContext: call.context,
      path: call.path,
      method: call.method ?? 'GET',
      url: call.url ?? call.path,
      headers: Object.fromEntries(headers),
      body: call.body ?? new Uint8Array(),
    };
    await this.#stream(Resource.method.callResource, request, options, (message) =>
      onPart?.({
        status: message.code,
        headers: Object.fromEntries(Object.entries(message.headers).map(([name, list]) => [name, list.values])),
        body: message.body,
      })
    );
  }

  /** Prometheus text exposition. */
  async collectMetrics(options?: CallOptions): Promise<string> {
    const { metrics } = await this.unary(Diagnostics.method.collectMetrics, {}, options);
    return new TextDecoder().decode(metrics?.prometheus);
  }

  /** Asks the process to exit. */
  async requestShutdown(options?: CallOptions): Promise<void> {
    await this.unary(GRPCController.method.shutdown, {}, options);
  }

  /**
   * Opens the stream of the plugin's output, as Grafana does after it has started the plugin. Resolves when the stream
   * ends, also after an error.
   */
  openStdio(): Promise<void> {
    return this.serverStreaming(GRPCStdio.method.streamStdio, {}).then(
      () => undefined,
      () => undefined
    );
  }

  /** Calls a unary method. Rejects with a ServiceError of grpc-js. */
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<NoInfer<I>>,
    { signal, timeoutMs, metadata }: CallOptions = {}
  ): Promise<MessageShape<O>> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        pathOf(method),
        serialize(method.input),
        this.#deserialize(method.output),
        request,
        toMetadata(metadata),
        { deadline: deadline(timeoutMs) },
        (error, response) => {
          if (error !== null) {
            this.#onResponse(error);
          }
          if (error !== null || response === undefined) {
            reject(error ?? new Error('The plugin returned no response.'));
          } else {
            resolve(response);
          }
        }
      );
      cancelOn(signal, call);
    });
  }

  /** Calls a server-streaming method. Resolves with all messages. */
  serverStreaming<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<NoInfer<I>>,
    options?: CallOptions
  ): Promise<Array<MessageShape<O>>> {
    const messages: Array<MessageShape<O>> = [];
    return this.#stream(method, request, options, (message) => void messages.push(message)).then(() => messages);
  }

  close(): void {
    this.#client.close();
  }

  #stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<NoInfer<I>>,
    { signal, timeoutMs, metadata }: CallOptions = {},
    onMessage: (message: MessageShape<O>) => void | Promise<void>
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeServerStreamRequest(
        pathOf(method),
        serialize(method.input),
        this.#deserialize(method.output),
        request,
        toMetadata(metadata),
        { deadline: deadline(timeoutMs) }
      );
      call.on('data', (message: MessageShape<O>) => {
        const handled = onMessage(message);
        if (handled !== undefined) {
          call.pause();
          handled.then(() => call.resume(), reject);
        }
      });
      call.on('error', (error: ServiceError) => {
        this.#onResponse(error);
        reject(error);
      });
      call.on('end', () => resolve());
      cancelOn(signal, call);
    });
  }

  #deserialize<O extends DescMessage>(output: O): (bytes: Buffer) => MessageShape<O> {
    return (bytes) => {
      this.#onResponse(bytes);
      return fromBinary(output, bytes);
    };
  }
}

function pathOf(method: { name: string; parent: { typeName: string } }): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function serialize<I extends DescMessage>(input: I) {
  return (request: MessageInitShape<I>) => Buffer.from(toBinary(input, create(input, request)));
}

function deadline(timeoutMs: number | undefined): number {
  return timeoutMs === undefined ? Infinity : Date.now() + timeoutMs;
}

function toMetadata(entries: CallOptions['metadata'] = {}): Metadata {
  const metadata = new Metadata();
  Object.entries(entries).forEach(([name, value]) => metadata.set(name, value));
  return metadata;
}

function cancelOn(signal: AbortSignal | undefined, call: Cancellable): void {
  if (signal?.aborted === true) {
    call.cancel();
  }
  signal?.addEventListener('abort', () => call.cancel(), { once: true });
}
