/** Reports the connections to Micromegas servers. */

/** The end of a connection: `closed` by this side, or `lost` by a failure or by the server. */
export type ConnectionEnd = 'closed' | 'lost';

/** No method gets the address of the server, because metrics must not contain it. */
export interface ConnectionEvents {
  opened(): void;
  /** Is called once for each opened connection. */
  ended(how: ConnectionEnd): void;
  /** An attempt to connect has failed. */
  failed(): void;
}

/** Reports nothing. */
export const NO_CONNECTION_EVENTS: ConnectionEvents = {
  opened: () => undefined,
  ended: () => undefined,
  failed: () => undefined,
};
