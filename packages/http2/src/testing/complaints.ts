/** For tests: tables of what breaks the rules, and of what is heard of it. */
import { ErrorCode, FrameType } from '../protocol.ts';
import { serve } from './connections.ts';
import { RawPeer } from './raw-peer.ts';
import { StreamLog } from './stream-log.ts';

/** What the peer hears: GOAWAY, RST_STREAM on stream 1 (or another), or no complaint. */
export type Expected = { goAway: number } | { reset: number; streamId?: number } | 'nothing';

export interface Case {
  name: string;
  frames: Uint8Array[];
  expected: Expected;
}

export async function expectIt(peer: RawPeer, expected: Expected): Promise<void> {
  const isComplaint = ({ type }: { type: number }) => type === FrameType.GOAWAY || type === FrameType.RST_STREAM;
  if (expected === 'nothing') {
    expect(await peer.isHeard('the-last')).toBe(true);
    expect(peer.frames.filter(isComplaint)).toEqual([]);
    return;
  }
  const complaint = await peer.find(isComplaint);
  if ('goAway' in expected) {
    expect(complaint).toMatchObject({ type: FrameType.GOAWAY, streamId: 0 });
    expect(complaint?.payload.readUInt32BE(4)).toBe(expected.goAway);
    await peer.closed();
    return;
  }
  expect(complaint).toMatchObject({ type: FrameType.RST_STREAM, streamId: expected.streamId ?? 1 });
  expect(complaint?.payload.readUInt32BE(0)).toBe(expected.reset);
  // Only the stream is lost, and one complaint is enough.
  expect(await peer.isHeard('the-last')).toBe(true);
  expect(peer.frames.filter(isComplaint)).toHaveLength(1);
}

/** Sends frames to a server that answers to `/answered`, resets `/reset`, pauses `/paused`, and lets all others wait. */
export async function expectOfServer({ frames, expected }: Case): Promise<void> {
  const logs: StreamLog[] = [];
  const { port, sides } = await serve((stream, fields) => {
    const log = new StreamLog();
    stream.events = log;
    logs.push(log);
    switch (fields.get(':path')) {
      case '/answered':
        stream.sendHeaders([[':status', '200']], true);
        return;
      case '/reset':
        stream.reset(ErrorCode.CANCEL);
        return;
      case '/paused':
        stream.pause();
    }
  });
  const peer = await RawPeer.raw(port);
  peer.send(...frames);
  await expectIt(peer, expected);
  peer.socket.destroy();
  await sides[0].closed;
  // Each hears of its end once, and of nothing after it.
  expect(logs.map(({ events }) => events.indexOf('close'))).toEqual(logs.map(({ events }) => events.length - 1));
  expect(logs.every(({ events }) => events.length > 0)).toBe(true);
}
