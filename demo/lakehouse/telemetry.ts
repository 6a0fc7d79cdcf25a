/** Writes the telemetry of the demo: six hours before the start of the demo, then new rows as time passes. */
import { blobValue, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { AUDIT_TARGET } from '../../contract/audit';
import { type AuditRecord, auditMessage } from './audit';
import { storyPictures } from './pictures';
import { PROCESSES, processByKey, STORY_MS, streamId, streamsOf, type StoryProcess } from './story';
import { storyAuditRecords } from './story-audit';
import { LOG_EVENTS, LOG_TEMPLATES } from './story-logs';
import { MEASURE_TEMPLATES } from './story-measures';

const MINUTE_MS = 60_000;

const INSERT_LOG = `INSERT INTO lake.log_row VALUES ($pid, $sid, lake.block_of($sid, make_timestamptz($us::BIGINT)), make_timestamptz($us::BIGINT),
  $target, $level, $msg, CAST($properties AS JSON), NULL)`;

const INSERT_BLOCK = `INSERT INTO lake.log_row SELECT $pid, $sid, $block, make_timestamptz(line.us), $target, line.level, line.msg, CAST(line.properties AS JSON),
  make_timestamptz($arrived::BIGINT)
  FROM (SELECT unnest(from_json($lines, '[{"us": "BIGINT", "msg": "VARCHAR", "level": "INTEGER", "properties": "VARCHAR"}]')) AS line)`;

const DELETE_LOG =
  'DELETE FROM lake.log_row WHERE time >= make_timestamptz($from::BIGINT) AND time < make_timestamptz($to::BIGINT)';

/** Log lines of one process that arrive together. */
export interface LogBlock {
  /** Key of the process, see `PROCESSES`. */
  process: string;
  target: string;
  blockId: string;
  /** `insert_time` of the lines, in milliseconds since 1970. */
  arrivedMs: number;
  lines: ReadonlyArray<{
    timeMs: number;
    message: string;
    /** Default: 4, the level info. */
    level?: number;
    properties?: Readonly<Record<string, string>>;
  }>;
}

/** The only writer of the lakehouse. It writes one batch at a time. */
export class Telemetry {
  readonly #connection: DuckDBConnection;
  readonly #startMs: number;
  #queue: Promise<void> = Promise.resolve();
  /** Each row before this time is in a batch that has run or is running. */
  #writtenToMs: number;

  private constructor(connection: DuckDBConnection, startMs: number) {
    this.#connection = connection;
    this.#startMs = startMs;
    this.#writtenToMs = startMs - STORY_MS;
  }

  /** @param startMs Start of the demo, in milliseconds since 1970. */
  static async create(connection: DuckDBConnection, startMs: number): Promise<Telemetry> {
    const telemetry = new Telemetry(connection, startMs);
    await telemetry.#insertProcesses();
    await telemetry.advance(startMs);
    return telemetry;
  }

  /** Writes the rows up to `toMs`. Does nothing if they are written already. */
  advance(toMs: number): Promise<void> {
    return this.#enqueue(async () => {
      const fromMs = this.#writtenToMs;
      if (toMs > fromMs) {
        this.#writtenToMs = toMs;
        await this.#write(fromMs, toMs);
      }
    });
  }

  /** Writes an audit record as a log entry. */
  addAudit(record: AuditRecord): Promise<void> {
    return this.#enqueue(() => this.#insertAudit(record));
  }

  /** Writes log lines that are not a part of the story. */
  addLogBlock({ process, target, blockId, arrivedMs, lines }: LogBlock): Promise<void> {
    const { id } = processByKey(process);
    const row: Record<string, DuckDBValue> = {
      pid: id,
      sid: streamId(id, 'log'),
      block: blockId,
      target,
      arrived: BigInt(Math.round(arrivedMs * 1000)),
      lines: JSON.stringify(
        lines.map(({ timeMs, message, level = 4, properties = {} }) => ({
          us: Math.round(timeMs * 1000),
          msg: message,
          level,
          properties: JSON.stringify(properties),
        }))
      ),
    };
    return this.#enqueue(async () => void (await this.#connection.run(INSERT_BLOCK, row)));
  }

  removeLogLines(fromMs: number, toMs: number): Promise<void> {
    const [from, to] = [fromMs, toMs].map((ms) => BigInt(Math.round(ms * 1000)));
    return this.#enqueue(async () => void (await this.#connection.run(DELETE_LOG, { from, to })));
  }

  /** Resolves when all requested rows are written. */
  settled(): Promise<void> {
    return this.#queue;
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work);
    // Only the caller that requested a failed batch gets its error. Later batches are still written.
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #write(fromMs: number, toMs: number): Promise<void> {
    for (const [seed, template] of LOG_TEMPLATES.entries()) {
      await this.#insertTicks(
        'log',
        seed,
        template,
        fromMs,
        toMs,
        [template.message, template.properties],
        template.when
      );
    }
    for (const [seed, template] of MEASURE_TEMPLATES.entries()) {
      await this.#insertTicks('metrics', 100 + seed, template, fromMs, toMs, [template.value, template.properties]);
    }
    for (const record of storyAuditRecords(this.#startMs)) {
      if (record.started_ms >= fromMs && record.started_ms < toMs) {
        await this.#insertAudit(record);
      }
    }
    for (const event of LOG_EVENTS) {
      const atMs = this.#startMs + event.minute * MINUTE_MS;
      if (atMs >= fromMs && atMs < toMs) {
        const { target, level, message, properties } = event;
        await this.#insertLog(processByKey(event.process), atMs, target, level, message, JSON.stringify(properties));
      }
    }
    await this.#insertBlocks(Math.floor(fromMs / MINUTE_MS), Math.floor(toMs / MINUTE_MS));
  }

  async #insertTicks(
    kind: 'log' | 'metrics',
    seed: number,
    template: (typeof LOG_TEMPLATES)[number] | (typeof MEASURE_TEMPLATES)[number],
    fromMs: number,
    toMs: number,
    [content, properties]: readonly [string, string],
    when = 'true'
  ): Promise<void> {
    const { everyMs, target } = template;
    const process = processByKey(template.process);
    const [bornMs, diedMs] = this.#lifeOf(process);
    const beginMs = this.#startMs - STORY_MS;
    const first = Math.ceil((Math.max(fromMs, bornMs + everyMs) - beginMs) / everyMs);
    const last = Math.ceil((Math.min(toMs, diedMs) - beginMs) / everyMs);
    if (first >= last) {
      return;
    }
    const table = kind === 'log' ? 'log_row' : 'measure_row';
    const arrived = kind === 'log' ? ', NULL' : '';
    const detail =
      'level' in template ? `${template.level}, ${content}` : `'${template.name}', '${template.unit}', ${content}`;
    await this.#connection.run(
      `INSERT INTO lake.${table} SELECT $pid, $sid, lake.block_of($sid, time), time, $target, ${detail}, ${properties}${arrived}
       FROM lake.tick(${first}, ${last}, ${everyMs}, ${seed}, ${beginMs}) WHERE ${when}`,
      { pid: process.id, sid: streamId(process.id, kind), target }
    );
  }

  #lifeOf(process: StoryProcess): [bornMs: number, diedMs: number] {
    const bornMs = this.#startMs + process.startMinute * MINUTE_MS;
    return [bornMs, process.endMinute === undefined ? Infinity : this.#startMs + process.endMinute * MINUTE_MS];
  }

  async #insertLog(
    process: StoryProcess,
    atMs: number,
    target: string,
    level: number,
    msg: string,
    properties: string
  ): Promise<void> {
    const us = BigInt(Math.round(atMs * 1000));
    const row: Record<string, DuckDBValue> = {
      pid: process.id,
      sid: streamId(process.id, 'log'),
      us,
      target,
      level,
      msg,
      properties,
    };
    await this.#connection.run(INSERT_LOG, row);
  }

  #insertAudit(record: AuditRecord): Promise<void> {
    const endMs = record.started_ms + record.total_ms;
    return this.#insertLog(processByKey('lake'), endMs, AUDIT_TARGET, 4, auditMessage(record), '{}');
  }

  async #insertBlocks(firstMinute: number, endMinute: number): Promise<void> {
    await this.#connection.run(
      `INSERT INTO lake.block SELECT lake.block_of(stream_id, t), stream_id, process_id, t, t + INTERVAL 1 MINUTE,
         CAST(180 + hash(m, stream_id) % 120 AS INTEGER), m * 240, (180 + hash(m, stream_id) % 120) * 57
       FROM lake.stream JOIN lake.process USING (process_id),
         (SELECT range AS m, make_timestamptz(range * 60000000) AS t FROM range(${firstMinute}, ${endMinute}))
       WHERE t >= start_time AND t < coalesce(end_time, 'infinity')`
    );
  }

  async #insertProcesses(): Promise<void> {
    await insertRows(
      this.#connection,
      'INSERT INTO lake.process SELECT $, $, $, $, $, $, $, make_timestamptz($::BIGINT), make_timestamptz($::BIGINT), $, CAST($ AS JSON), $',
      PROCESSES.map((process) => {
        const { id, exe, username, realname, computer, distro, cpu, parent, properties } = process;
        const [bornMs, diedMs] = this.#lifeOf(process);
        const diedUs = Number.isFinite(diedMs) ? BigInt(diedMs * 1000) : null;
        const life = [BigInt(bornMs * 1000), diedUs, parent ?? null, JSON.stringify(properties)];
        return [id, exe, username, realname, computer, distro, cpu, ...life, process.clockAheadMs ?? 0];
      })
    );
    await insertRows(
      this.#connection,
      'INSERT INTO lake.stream SELECT $, $, [$], $, $, $',
      PROCESSES.flatMap((process) =>
        streamsOf(process).map(({ id, kind, format, thread }) => [
          ...[id, process.id, kind, format],
          ...[thread?.name ?? null, thread?.id ?? null],
        ])
      )
    );
    const pictures = storyPictures().map(({ name, png }) => [name, blobValue(png)]);
    await insertRows(this.#connection, 'INSERT INTO lake.picture SELECT $, $', pictures);
  }
}

/**
 * Inserts all rows with one statement.
 *
 * @param insert `INSERT INTO table SELECT` with a `$` for each value of a row.
 */
async function insertRows(
  connection: DuckDBConnection,
  insert: string,
  rows: ReadonlyArray<readonly DuckDBValue[]>
): Promise<void> {
  const [, into = '', select = ''] = /^(.*?)(SELECT.*)$/.exec(insert) ?? [];
  let parameter = 0;
  const selects = rows.map(() => select.replaceAll('$', () => `$${(parameter += 1)}`));
  await connection.run(into + selects.join(' UNION ALL '), rows.flat());
}
