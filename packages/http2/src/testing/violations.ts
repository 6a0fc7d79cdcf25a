/** For tests: frames that may violate the protocol, and the reaction that they cause. */
import { Http2ErrorCode, FrameType } from '../protocol.ts';
import { serve } from './connections.ts';
import { RawPeer } from './raw-peer.ts';
import { StreamLog } from './stream-log.ts';

/** The frame that the peer receives: GOAWAY, RST_STREAM (on stream 1 unless `streamId` is set), or neither. */
export type Reaction = { goAway: number } | { reset: number; streamId?: number } | 'none';

export interface Violation {
  name: string;
  frames: Uint8Array[];
  expected: Reaction;
}

export async function expectReaction(peer: RawPeer, expected: Reaction): Promise<void> {
  const isReaction = ({ type }: { type: number }) => type === FrameType.GOAWAY || type === FrameType.RST_STREAM;
  if (expected === 'none') {
    expect(await peer.roundTrip('the-last')).toBe(true);
    expect(peer.frames.filter(isReaction)).toEqual([]);
    return;
  }
  const reaction = await peer.find(isReaction);
  if ('goAway' in expected) {
    expect(reaction).toMatchObject({ type: FrameType.GOAWAY, streamId: 0 });
    expect(reaction?.payload.readUInt32BE(4)).toBe(expected.goAway);
    await peer.closed();
    return;
  }
  expect(reaction).toMatchObject({ type: FrameType.RST_STREAM, streamId: expected.streamId ?? 1 });
  expect(reaction?.payload.readUInt32BE(0)).toBe(expected.reset);
  // The connection stays open, and there is no second reaction.
  expect(await peer.roundTrip('the-last')).toBe(true);
  expect(peer.frames.filter(isReaction)).toHaveLength(1);
}

/**
 * Sends the frames to a server that responds to `/responded`, resets `/reset`, pauses `/paused`, and does not respond
 * to other requests.
 */
export async function expectServerReaction({ frames, expected }: Violation): Promise<void> {
  const logs: StreamLog[] = [];
  const { port, sides } = await serve((stream, fields) => {
    const log = new StreamLog();
    stream.events = log;
    logs.push(log);
    switch (fields.get(':path')) {
      case '/responded':
        stream.sendHeaders([[':status', '200']], true);
        return;
      case '/reset':
        stream.reset(Http2ErrorCode.CANCEL);
        return;
      case '/paused':
        stream.pause();
    }
  });
  const peer = await RawPeer.open(port);
  peer.send(...frames);
  await expectReaction(peer, expected);
  peer.socket.destroy();
  await sides[0].closed;
  // Each stream is closed once, and `close` is its last event.
  expect(logs.map(({ events }) => events.indexOf('close'))).toEqual(logs.map(({ events }) => events.length - 1));
  expect(logs.every(({ events }) => events.length > 0)).toBe(true);
}
