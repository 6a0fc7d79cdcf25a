/** Checks that Save & test shows the identity that a real Micromegas recorded for the admin ("Who am I"). */
import assert from 'node:assert/strict';
import { type HealthDetails, type RecordedIdentity } from '../../contract/resources/health';
import { type WhoAmIPayload } from '../../contract/resources/resources';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { eventually } from '../support/eventually';
import { ADA, pluginContext, type Source } from '../support/plugin';
import { ADA_IN_FULL } from './audit';
import { type Checklist } from './checklist';
import { API_KEY_NAME } from './micromegas-server';
import { type OwnLake } from './real-micromegas';

/** About the time for which the settings page polls. */
const APPEARS_WITHIN_MS = 55_000;

async function checkedId(plugin: PluginProcess, source: Source): Promise<string> {
  const { jsonDetails, message } = await plugin.checkHealth({ pluginContext: pluginContext(source) });
  const { whoAmI }: HealthDetails = JSON.parse(Buffer.from(jsonDetails).toString());
  assert.ok(whoAmI?.checkId, message);
  assert.equal(whoAmI.isProven, false);
  return whoAmI.checkId;
}

async function look(plugin: PluginProcess, source: Source, id: string): Promise<WhoAmIPayload> {
  const call = { context: pluginContext(source), path: 'who-am-i', url: `who-am-i?check=${id}` };
  const response = await plugin.callResource(call);
  const body = Buffer.from(response.body).toString();
  assert.equal(response.status, 200, body);
  return JSON.parse(body);
}

/** @param subject The `sub` claim of the OAuth sources' tokens. */
export async function checkWhoAmI(list: Checklist, { plugin, sources }: OwnLake, subject: string): Promise<void> {
  const cases: Array<[name: string, source: Source, recorded: Partial<RecordedIdentity>]> = [
    ['an API key', sources.apiKey, { user: ADA?.login, email: ADA?.email, serviceAccount: API_KEY_NAME }],
    ['an API key, attribution off', sources.apiKeyUnattributed, { user: API_KEY_NAME }],
    ['OAuth', sources.oauth, { user: subject, name: ADA_IN_FULL }],
    ['OAuth, attribution off', sources.oauthUnattributed, { user: subject }],
  ];
  for (const [name, saved, recorded] of cases) {
    const source = { ...saved, uid: `${saved.uid}-who-am-i` };
    await list.check(`who am I: the response has the recorded identity, with ${name}`, async () => {
      const id = await checkedId(plugin, source);
      const found = await eventually('The audit record', APPEARS_WITHIN_MS, async () => {
        const payload = await look(plugin, source, id);
        return payload.status === 'found' ? payload : undefined;
      });
      assert.deepEqual(found.warnings, []);
      assert.equal(found.whoAmI.isProven, true);
      const seen = Object.entries(found.whoAmI.recorded).filter(([field]) => field in recorded);
      assert.deepEqual(Object.fromEntries(seen), recorded);
    });
  }
}
