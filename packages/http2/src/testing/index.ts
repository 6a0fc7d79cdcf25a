/** For tests of programs that use the package: a peer with hand-made frames, servers on loopback, a manual clock. */
export { post } from './connections.ts';
export { afterwards, endLoopback, listen } from './loopback.ts';
export { ManualClock } from './manual-clock.ts';
export {
  data,
  END_HEADERS,
  END_STREAM,
  goAway,
  headers,
  ping,
  RawPeer,
  reset,
  settings,
  type RawFrame,
} from './raw-peer.ts';
