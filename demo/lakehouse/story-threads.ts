/**
 * The calls of threads and the asynchronous spans of the story.
 *
 * During the incident, the game server looks for a session for each waiting player in each frame. So its frames are
 * late.
 */

export interface ThreadCall {
  /** Index of the caller in the thread, or -1. */
  caller: number;
  name: string;
  target: string;
  file: string;
  line: number;
  /** Begin and end, as fractions of the normal work of a frame and of the additional work of a late frame. */
  begin: readonly [work: number, late: number];
  end: readonly [work: number, late: number];
}

export interface StoryThread {
  exe: string;
  thread: string;
  /**
   * Length of a period in slots of 33 ms. There is one frame per period. Not used if `late` is true: then the strength
   * of the incident decides how long a period is.
   */
  everySlots: number;
  /** True if frames take longer during the incident. */
  late: boolean;
  /** The first call is the frame. */
  calls: readonly ThreadCall[];
}

const SERVER_MAIN: StoryThread = {
  exe: 'ember-server',
  thread: 'main',
  everySlots: 1,
  late: true,
  calls: [
    call(-1, 'frame', 'ember::sim', 'src/sim/frame.rs', 41, [0, 0], [1, 1]),
    call(0, 'receive', 'ember::net', 'src/net/receive.rs', 88, [0.01, 0], [0.13, 0]),
    call(0, 'drain_join_queue', 'ember::session', 'src/session/join_queue.rs', 112, [0.14, 0], [0.19, 1]),
    call(2, 'find_session', 'ember::session', 'src/session/join_queue.rs', 164, [0.145, 0], [0.155, 0.12]),
    call(2, 'rescan_waiting_players', 'ember::session', 'src/session/join_queue.rs', 187, [0.16, 0.13], [0.185, 0.98]),
    call(4, 'compare_regions', 'ember::session', 'src/session/region.rs', 59, [0.165, 0.15], [0.18, 0.7]),
    call(0, 'simulate', 'ember::sim', 'src/sim/simulate.rs', 120, [0.2, 1], [0.92, 1]),
    call(6, 'physics', 'ember::sim', 'src/sim/physics.rs', 214, [0.21, 1], [0.55, 1]),
    call(7, 'broad_phase', 'ember::sim', 'src/sim/physics.rs', 251, [0.22, 1], [0.34, 1]),
    call(7, 'solve_islands', 'ember::sim', 'src/sim/physics.rs', 318, [0.35, 1], [0.54, 1]),
    call(6, 'scripts', 'ember::script', 'src/script/run.rs', 63, [0.56, 1], [0.9, 1]),
    call(0, 'send', 'ember::net', 'src/net/send.rs', 37, [0.93, 1], [0.99, 1]),
  ],
};

export const STORY_THREADS: readonly StoryThread[] = [
  SERVER_MAIN,
  {
    exe: 'ember-server',
    thread: 'net-io',
    everySlots: 1,
    late: false,
    calls: [
      call(-1, 'poll', 'ember::net', 'src/net/poll.rs', 22, [0, 0], [0.4, 0]),
      call(0, 'decode_packets', 'ember::net', 'src/net/packet.rs', 140, [0.05, 0], [0.2, 0]),
      call(0, 'encode_snapshots', 'ember::net', 'src/net/snapshot.rs', 76, [0.22, 0], [0.38, 0]),
    ],
  },
  {
    exe: 'ember-editor',
    thread: 'main',
    everySlots: 1,
    late: false,
    calls: [
      call(-1, 'ui_frame', 'editor::ui', 'src/ui/frame.rs', 18, [0, 0], [1, 0]),
      call(0, 'layout', 'editor::ui', 'src/ui/layout.rs', 90, [0.02, 0], [0.25, 0]),
      call(0, 'draw_viewport', 'editor::viewport', 'src/viewport/draw.rs', 133, [0.26, 0], [0.97, 0]),
      call(2, 'cull', 'editor::viewport', 'src/viewport/cull.rs', 45, [0.27, 0], [0.4, 0]),
      call(2, 'submit', 'editor::viewport', 'src/viewport/submit.rs', 71, [0.42, 0], [0.95, 0]),
    ],
  },
  {
    exe: 'flight-sql-srv',
    thread: 'query-worker',
    everySlots: 7,
    late: false,
    calls: [
      call(-1, 'poll_task', 'lake::query', 'src/query/worker.rs', 30, [0, 0], [0.8, 0]),
      call(0, 'read_partition', 'lake::query', 'src/query/partition.rs', 58, [0.05, 0], [0.5, 0]),
      call(0, 'encode_batch', 'lake::query', 'src/query/encode.rs', 41, [0.52, 0], [0.75, 0]),
    ],
  },
];

function call(
  caller: number,
  name: string,
  target: string,
  file: string,
  line: number,
  begin: ThreadCall['begin'],
  end: ThreadCall['end']
): ThreadCall {
  return { caller, name, target, file, line, begin, end };
}

export interface AsyncSpan {
  /** Index of the parent in the same tree, or -1. */
  parent: number;
  name: string;
  target: string;
  file: string;
  line: number;
  /** SQL expressions over `v` (0 to 1), `trouble` and `i`: milliseconds after the start of the tree. */
  begin: string;
  end: string;
  /** SQL expression for the JSON properties in the row of the span's end. */
  properties: string;
}

export interface AsyncTree {
  exe: string;
  everyMs: number;
  /** Names of the threads in which spans begin and end. */
  threads: readonly [begin: string, end: string];
  /** A parent comes before its children. */
  spans: readonly AsyncSpan[];
}

const WAITED = '(18 + 40 * v + 11000 * trouble * (0.5 + 0.5 * v))';
const IMPORT = '(40 + 900 * v)';
const QUERY = '(20 + 180 * v)';

export const ASYNC_TREES: readonly AsyncTree[] = [
  {
    exe: 'ember-server',
    everyMs: 1500,
    threads: ['net-io', 'main'],
    spans: [
      asyncSpan(-1, 'join_player', 'ember::session', 'src/session/join.rs', 35, '0', `14 + ${WAITED}`, {
        player: `'p' || i % 4000`,
      }),
      asyncSpan(0, 'load_profile', 'ember::session', 'src/session/profile.rs', 20, '1', '7', {}),
      asyncSpan(0, 'await_session', 'ember::session', 'src/session/join_queue.rs', 77, '8', `9 + ${WAITED}`, {
        pending_joins: 'CAST(10 + 900 * trouble AS VARCHAR)',
      }),
      asyncSpan(2, 'reserve_slot', 'ember::session', 'src/session/slots.rs', 51, `5 + ${WAITED}`, `8 + ${WAITED}`, {}),
    ],
  },
  {
    exe: 'ember-editor',
    everyMs: 7000,
    threads: ['main', 'main'],
    spans: [
      asyncSpan(-1, 'import_asset', 'editor::assets', 'src/assets/import.rs', 52, '0', IMPORT, {
        asset: `'crate_' || i % 97`,
      }),
      asyncSpan(0, 'read_source', 'editor::assets', 'src/assets/source.rs', 17, '1', `0.3 * ${IMPORT}`, {}),
      asyncSpan(
        0,
        'compress',
        'editor::assets',
        'src/assets/compress.rs',
        88,
        `0.35 * ${IMPORT}`,
        `0.95 * ${IMPORT}`,
        {}
      ),
    ],
  },
  {
    exe: 'flight-sql-srv',
    everyMs: 4000,
    threads: ['query-worker', 'query-worker'],
    spans: [
      asyncSpan(-1, 'execute_query', 'lake::query', 'src/query/execute.rs', 64, '0', QUERY, {}),
      asyncSpan(0, 'plan', 'lake::query', 'src/query/plan.rs', 29, '1', `0.2 * ${QUERY}`, {}),
      asyncSpan(0, 'scan', 'lake::query', 'src/query/scan.rs', 47, `0.25 * ${QUERY}`, `0.9 * ${QUERY}`, {}),
    ],
  },
];

function asyncSpan(
  parent: number,
  name: string,
  target: string,
  file: string,
  line: number,
  begin: string,
  end: string,
  properties: Record<string, string>
): AsyncSpan {
  const members = Object.entries(properties).map(([key, value]) => `'${key}', ${value}`);
  return { parent, name, target, file, line, begin, end, properties: `json_object(${members.join(', ')})` };
}
