/**
 * Strategies to read the messages of a result: with one statement, or with several statements for parts of the range.
 */
import { type FrameOptions, type QueryFacts } from '../frames/data-frames/frame-options';
import { type FlightMessage } from '../lakehouse/flight-sql/flight-sql-client';
import { type InstanceCall } from '../lakehouse/instances/instance';
import { type Release } from '../lakehouse/instances/statement-slots';
import { type RecordedResources } from '../lakehouse/shared-results/recording';

/** The fields in which the statements of one result differ. */
export type StatementPart = Pick<InstanceCall, 'range' | 'limit' | 'slot' | 'lane'>;

/**
 * The resources that the statements of a result use. If the result is shared, the memory and the signal belong to the
 * shared result, not to the caller who sends the statements, because other callers read the result, too. The first
 * statement uses the slot.
 */
export interface StatementResources extends RecordedResources {
  slot: Release;
}

/** Sends the query for a part of the range. The statement is sent when its first message is pulled. */
export type SendPart = (part: StatementPart) => AsyncIterable<FlightMessage>;

/** The strategy for one result. */
export interface ReadStrategy {
  /**
   * Reads the messages of the result. Not called if the result of another caller is reused. If the iteration ends
   * early, the statement in progress is cancelled.
   */
  read(sendPart: SendPart, resources: StatementResources): AsyncIterable<FlightMessage>;
  /** Observes and passes on all messages, including messages that were read for another caller. */
  watch?(messages: AsyncIterable<FlightMessage>): AsyncIterable<FlightMessage>;
  /** See `FrameOptions.onLines`. */
  onLines?: FrameOptions['onLines'];
  /** The facts about the statements for the statistics of the query. */
  facts(): Pick<QueryFacts, 'slices' | 'refresh'>;
}

/** One statement for the whole range. */
export function wholeStrategy(whole: StatementPart): ReadStrategy {
  return { read: (sendPart, { slot }) => sendPart({ ...whole, slot }), facts: () => ({}) };
}
