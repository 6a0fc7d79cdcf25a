/** How the messages of a result are read: with one statement, or with several that return less together. */
import { type FrameOptions, type QueryFacts } from '../frames/data-frames/build-frames';
import { type FlightMessage } from '../lakehouse/flight-sql/flight-sql-client';
import { type InstanceCall } from '../lakehouse/instances/instance';
import { type Release } from '../lakehouse/instances/statement-slots';
import { type RecordedCall } from '../lakehouse/shared-results/recording';

/** What differs between the statements of a result. */
export type StatementPart = Pick<InstanceCall, 'range' | 'limit' | 'slot' | 'lane'>;

/** The parts of a call that belong to its statements, not to the caller who sends them. The slot is for the first. */
export type SourceCall = RecordedCall & { slot: Release };

/** Sends the SQL of the query for a part of the range. The statement is sent when its first message is pulled. */
export type SendPart = (part: StatementPart) => AsyncIterable<FlightMessage>;

/** For one result. */
export interface Reading {
  /**
   * The messages of the result. Not called if the result was read for another caller. Ending the iteration early
   * cancels the statement in progress.
   *
   * @param sent The account, the signal and the slot of the statements, which other callers may read too.
   */
  read(send: SendPart, sent: SourceCall): AsyncIterable<FlightMessage>;
  /** Passes on the messages that are converted, also those that were read for another caller. */
  watch?(messages: AsyncIterable<FlightMessage>): AsyncIterable<FlightMessage>;
  /** Called with the lines that were converted. */
  onLines?: FrameOptions['onLines'];
  /** What the statistics say of the statements. */
  facts(): Pick<QueryFacts, 'slices' | 'refresh'>;
}

/** One statement for the whole range. */
export function wholeReading(whole: StatementPart): Reading {
  return { read: (send, { slot }) => send({ ...whole, slot }), facts: () => ({}) };
}
