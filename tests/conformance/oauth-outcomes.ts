/** Runs a query and Save & test of a data source with OAuth, and checks their error codes. */
import assert from 'node:assert/strict';
import { z } from 'zod';
import { type MessageCode } from '../../contract/messages/message';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { type ErrorCode } from '../../proxy/base/errors/catalogue';
import { readFrames } from '../support/frames';
import { runQuery, type Source } from '../support/plugin';
import { healthOf } from '../support/sign-in-lab';

const QUERY = 'SELECT count(*) AS n FROM log_entries';

const failedFrame = z.object({ code: z.string() });

export interface OutcomeOptions {
  /** Headers of the request, for example with the tokens of a user. */
  headers?: Record<string, string>;
}

/** @returns The error code of a failed query, `ok` for a result with rows, else `no rows`. */
export async function queryOutcome(
  plugin: PluginProcess,
  source: Source,
  { headers }: OutcomeOptions = {}
): Promise<string> {
  const model = { query: QUERY, version: 2, timeFilter: false, autoLimit: false };
  const response = await runQuery(plugin, source, model, { headers });
  const [frame] = readFrames(response);
  if (response.error !== '') {
    return failedFrame.parse(frame.meta.custom).code;
  }
  return frame.rowCount > 0 ? 'ok' : 'no rows';
}

/** Checks that Save & test passes, and that a query returns rows. */
export async function assertAccepted(
  plugin: PluginProcess,
  source: Source,
  { headers = {} }: OutcomeOptions = {}
): Promise<void> {
  const { ok, report } = await healthOf(plugin, source, headers);
  assert.ok(ok, report);
  assert.equal(await queryOutcome(plugin, source, { headers }), 'ok');
}

/** The expected errors of a failed sign-in. */
export interface Rejection {
  /** Error code of the query. */
  query: ErrorCode;
  /** Error code of Save & test. Default: that of the query. */
  health?: ErrorCode;
  /** Code of a message in the failed stage of Save & test. */
  advice?: MessageCode;
}

/** The codes of all messages in a stage, including messages that are values of other messages. */
function codesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const own = 'code' in value && typeof value.code === 'string' ? [value.code] : [];
  return [...own, ...Object.values(value).flatMap(codesIn)];
}

/** Checks that Save & test and a query fail. */
export async function assertRejected(
  plugin: PluginProcess,
  source: Source,
  { query, health = query, advice }: Rejection
): Promise<void> {
  const { code, report, details } = await healthOf(plugin, source);
  assert.equal(code, health, report);
  if (advice !== undefined) {
    const codes = details.stages.filter(({ status }) => status === 'failed').flatMap(codesIn);
    assert.ok(codes.includes(advice), `${advice} is not among ${codes.join(', ')}: ${report}`);
  }
  assert.equal(await queryOutcome(plugin, source), query);
}
