/**
 * A Flight SQL client for tests and benchmarks, built on grpc-js and the generated messages. It returns results as
 * tables.
 */
import { create, type Message, toBinary } from '@bufbuild/protobuf';
import { anyPack, AnySchema } from '@bufbuild/protobuf/wkt';
import {
  type ClientReadableStream,
  credentials,
  makeGenericClientConstructor,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { type Table, tableFromIPC } from 'apache-arrow';
import {
  ActionSchema,
  type FlightData,
  FlightDescriptor_DescriptorType,
  FlightDescriptorSchema,
  type FlightInfo,
  TicketSchema,
} from '../../proxy/generated/arrow/flight/flight_pb';
import {
  CommandGetTablesSchema,
  CommandStatementQuerySchema,
  TicketStatementQuerySchema,
} from '../../proxy/generated/arrow/flight/flight_sql_pb';
import { flightDefinition } from './flight-definition';

export type Headers = Record<string, string>;

const MAX_MESSAGE_BYTES = 100 * 1024 * 1024;
const FlightClient = makeGenericClientConstructor(flightDefinition, 'FlightService');

export class TestClient {
  readonly #headers: Headers;
  readonly #client;

  constructor(address: string, headers: Headers = {}) {
    this.#headers = headers;
    this.#client = new FlightClient(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      // With a shared channel, clients would also share the back-off after an outage of the server.
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  close(): void {
    this.#client.close();
  }

  /** Runs the SQL with DoGet. */
  async query(sql: string, headers: Headers = {}): Promise<Table> {
    return toTable(await this.messages(statementTicket(sql), headers));
  }

  async rows(sql: string, headers: Headers = {}): Promise<Array<Record<string, unknown>>> {
    return (await this.query(sql, headers)).toArray().map((row) => row.toJSON() as Record<string, unknown>);
  }

  /** Runs SQL that must fail. @returns Its error. @throws {Error} if the SQL succeeds. */
  async failure(sql: string, headers: Headers = {}): Promise<ServiceError> {
    try {
      await this.messages(statementTicket(sql), headers);
    } catch (reason) {
      return reason as ServiceError;
    }
    throw new Error(`no error for ${sql}`);
  }

  messages(ticket: Uint8Array, headers: Headers = {}): Promise<FlightData[]> {
    return collect(this.doGet(ticket, headers));
  }

  doGet(ticket: Uint8Array, headers: Headers = {}): ClientReadableStream<FlightData> {
    return this.#client['doGet']!(
      create(TicketSchema, { ticket }),
      this.#metadata(headers)
    ) as ClientReadableStream<FlightData>;
  }

  doAction(type: string, body: Uint8Array): Promise<Message[]> {
    return collect(
      this.#client['doAction']!(
        create(ActionSchema, { type, body }),
        this.#metadata({})
      ) as ClientReadableStream<Message>
    );
  }

  flightInfo(command: Uint8Array): Promise<FlightInfo> {
    const descriptor = create(FlightDescriptorSchema, { type: FlightDescriptor_DescriptorType.CMD, cmd: command });
    return new Promise((resolve, reject) => {
      this.#client['getFlightInfo']!(descriptor, this.#metadata({}), (error: ServiceError | null, info: FlightInfo) =>
        error === null ? resolve(info) : reject(error)
      );
    });
  }

  #metadata(headers: Headers): Metadata {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries({ ...this.#headers, ...headers })) {
      metadata.set(name, value);
    }
    return metadata;
  }
}

/** The bytes of a ticket for DoGet that runs the SQL. */
export function statementTicket(sql: string): Uint8Array {
  return toBinary(
    TicketStatementQuerySchema,
    create(TicketStatementQuerySchema, { statementHandle: Buffer.from(sql) })
  );
}

/** The ticket of `statementTicket`, wrapped in `Any`. */
export function wrappedTicket(sql: string): Uint8Array {
  const ticket = create(TicketStatementQuerySchema, { statementHandle: Buffer.from(sql) });
  return toBinary(AnySchema, anyPack(TicketStatementQuerySchema, ticket));
}

/** The bytes of the command in a call of GetFlightInfo for the SQL. */
export function statementCommand(query: string): Uint8Array {
  return toBinary(AnySchema, anyPack(CommandStatementQuerySchema, create(CommandStatementQuerySchema, { query })));
}

export interface TableFilter {
  catalog?: string;
  dbSchemaFilterPattern?: string;
  tableNameFilterPattern?: string;
  tableTypes?: string[];
  includeSchema?: boolean;
}

/** The bytes of the command that lists tables. */
export function tablesCommand(filter: TableFilter): Uint8Array {
  return toBinary(AnySchema, anyPack(CommandGetTablesSchema, create(CommandGetTablesSchema, filter)));
}

/** Reads a result stream. Arrow's readers need each message in its encapsulated form. */
export function toTable(messages: readonly FlightData[]): Table {
  const parts = messages.flatMap(({ dataHeader, dataBody }) => {
    const prefix = Buffer.alloc(8);
    prefix.writeInt32LE(-1, 0);
    prefix.writeInt32LE(dataHeader.length, 4);
    return [prefix, dataHeader, dataBody];
  });
  return tableFromIPC(Buffer.concat(parts));
}

function collect<T>(stream: ClientReadableStream<T>): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const items: T[] = [];
    stream.on('data', (item: T) => items.push(item));
    stream.on('error', reject);
    stream.on('end', () => resolve(items));
  });
}
