/** A Flight server that keeps each statement open until a test responds, and a built plugin for it. */
import { Int32, Table, vectorFromArray } from 'apache-arrow';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import {
  type DataCall,
  finish,
  flightData,
  startFlightServer,
  type TestServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { ADA, startBuiltPlugin } from './plugin';

/** A user other than `ADA`. */
export const GRACE = { ...ADA, login: 'grace', name: 'Grace', email: 'grace@example.com' };

/** A result with the values 1 and 2 in the column `n`. */
export const NUMBERS = messagesOf(new Table({ n: vectorFromArray([1, 2], new Int32()) }));

/** A statement that has arrived at the server. */
export interface HeldStatement {
  /** The ticket, which contains the SQL. */
  ticket: string;
  call: DataCall;
}

/** Ends a statement with a result. */
export function respond({ call }: Pick<HeldStatement, 'call'>, messages = NUMBERS): void {
  finish(call, ...messages.map(({ header, body }) => flightData(header, body)));
}

export interface HeldStatements {
  readonly plugin: PluginProcess;
  /** Stops the server, as a crash would. */
  kill(): void;
  /** Settings of a data source that connects to the server. */
  readonly settings: { host: string; selectedAuthType: 'none' };
  /** The statements that have arrived in the current test, in the order of arrival. */
  readonly arrived: readonly HeldStatement[];
  /** Waits until this number of statements has arrived in the current test. */
  arrivals(count: number): Promise<void>;
}

/**
 * Registers Jest hooks that start and stop the server and the plugin.
 *
 * @param isHeld False: the statement of this ticket gets `NUMBERS` immediately, and is not in `arrived`. Default: true.
 * @param env Environment of the plugin.
 */
export function useHeldStatements(
  isHeld: (ticket: string) => boolean = () => true,
  env: Record<string, string> = {}
): HeldStatements {
  let server: TestServer;
  let plugin: PluginProcess;
  let arrived: HeldStatement[];
  let onArrival: () => void;

  beforeAll(async () => {
    server = await startFlightServer({
      doGet: (ticket, call) => {
        if (isHeld(ticket)) {
          arrived.push({ ticket, call });
          onArrival();
        } else {
          respond({ call });
        }
      },
    });
    plugin = await startBuiltPlugin(env);
  });

  beforeEach(() => {
    arrived = [];
    onArrival = () => undefined;
  });

  afterAll(async () => {
    await plugin?.shutdown();
    server?.kill();
  });

  return {
    get plugin() {
      return plugin;
    },
    get settings() {
      return { host: `127.0.0.1:${server.port}`, selectedAuthType: 'none' as const };
    },
    get arrived() {
      return arrived;
    },
    kill: () => server.kill(),
    arrivals: (count) =>
      new Promise((resolve) => {
        onArrival = () => {
          if (arrived.length >= count) {
            resolve();
          }
        };
        onArrival();
      }),
  };
}
