/** For tests of programs that use this package: a peer with hand-made frames, servers on loopback, a manual clock. */
export { afterwards, endLoopback, listen } from './loopback.ts';
export { ManualClock } from './manual-clock.ts';
export {
  data,
  END_HEADERS,
  END_STREAM,
  goAway,
  headers,
  ping,
  post,
  RawPeer,
  reset,
  settings,
  windowUpdate,
  type RawFrame,
} from './raw-peer.ts';
