import { useLakehouse } from './lakehouse-fixture';

const fixture = useLakehouse();

describe('the story', () => {
  it('has rows in every table, up to now', async () => {
    const [row] = await fixture.client.rows(
      'SELECT (SELECT count(*) FROM log_entries) AS logs, (SELECT count(*) FROM measures) AS measures, max(time) AS last FROM measures'
    );
    expect(Number(row?.['logs'])).toBeGreaterThan(50_000);
    expect(Number(row?.['measures'])).toBeGreaterThan(50_000);
    expect(Number(row?.['last'])).toBeGreaterThan(fixture.clockMs - 10_000);
  });

  it('has a latency peak, a crash, and log messages with the cause', async () => {
    const [worst] = await fixture.client.rows(
      `SELECT date_bin('10 minute', time) AS t, property_get(properties, 'region') AS region, avg(value) AS ms FROM measures
       WHERE name = 'request_latency' GROUP BY t, region ORDER BY ms DESC LIMIT 1`
    );
    expect(worst).toMatchObject({ region: 'eu-west' });
    const fatal = await fixture.client.rows('SELECT exe, computer FROM log_entries WHERE level = 1');
    expect(fatal).toEqual([{ exe: 'ember-server', computer: 'atlas-07' }]);
    const causes = await fixture.client.rows(`SELECT msg FROM log_entries WHERE target = 'ember.config' ORDER BY time`);
    expect(causes).toHaveLength(2);
  });

  it('adds rows as time passes', async () => {
    const count = async (): Promise<number> =>
      Number((await fixture.client.rows('SELECT count(*) AS n FROM log_entries'))[0]?.['n']);
    const before = await count();
    fixture.clockMs += 60_000;
    await fixture.lakehouse.advance();
    expect(await count()).toBeGreaterThan(before + 100);
  });
});
