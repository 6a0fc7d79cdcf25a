import { SavedDataSources } from './saved-data-sources';

function create(readOnly = false): SavedDataSources {
  return new SavedDataSources(
    [{ uid: 'u', name: 'One', readOnly, jsonData: { host: 'a:1' }, secrets: { token: 'hidden' } }],
    () => 1000
  );
}

it('returns the names of secrets that are set, never their values', () => {
  const found = create().find('u');
  expect(found?.secureJsonFields).toEqual({ token: true });
  expect(JSON.stringify(found)).not.toContain('hidden');
});

it('keeps a secret that a save omits, and removes a secret that is saved as an empty string', () => {
  const sources = create();
  sources.update('u', { name: 'Two', jsonData: {} });
  expect(sources.stored('u')).toMatchObject({ name: 'Two', version: 2, secrets: { token: 'hidden' } });
  expect(sources.update('u', { name: 'Two', jsonData: {}, secureJsonData: { token: '' } })?.secureJsonFields).toEqual(
    {}
  );
});

it('gives each save a later time than the previous save, even within the same millisecond', () => {
  const sources = create();
  sources.update('u', { name: 'Two', jsonData: {} });
  expect(sources.stored('u')?.lastUpdatedMs).toBe(1001);
});

it('rejects changes of a provisioned data source', () => {
  const sources = create(true);
  expect(sources.update('u', { name: 'Two', jsonData: {} })).toBeUndefined();
  expect(sources.find('u')?.name).toBe('One');
});
