import { OrgRole } from '@grafana/data';
import { config } from '@grafana/runtime';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { TEST_IDS } from '../../shared/test-ids';
import { respondWith } from '../../testing/fake-backend';
import { openSettings } from '../../testing/settings-page';
import { fileNameOf } from './use-diagnostics';

const FILE = { format: 'micromegas-diagnostics', createdAt: '2026-05-04T10:20:30.456Z', plugin: { version: '1.0.0' } };

const button = () => screen.getByRole('button', { name: 'Download diagnostics' });
const outcome = () => screen.getByTestId(TEST_IDS.diagnostics);

/** jsdom has no `Blob.text`. */
function contentOf(blob: Blob): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const reader = new FileReader();
  reader.onload = () => resolve(String(reader.result));
  reader.readAsText(blob);
  return promise;
}

let downloads: Array<{ name: string; content: Promise<string> }>;

beforeEach(() => {
  config.bootData.user.orgRole = OrgRole.Admin;
  downloads = [];
  let blob: Blob;
  // jsdom has no object URLs.
  URL.createObjectURL = (object) => {
    blob = object as Blob;
    return 'blob:file';
  };
  URL.revokeObjectURL = () => undefined;
  jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    expect(this.href).toBe('blob:file');
    downloads.push({ name: this.download, content: contentOf(blob) });
  });
});

afterEach(() => jest.restoreAllMocks());

it('downloads the response of the backend as an indented file', async () => {
  const asked = respondWith(async () => FILE);
  openSettings({ uid: 'a/b', jsonData: { host: 'mm:1' } });
  expect(asked).toEqual([]);
  await userEvent.click(button());
  expect(asked).toEqual(['/api/datasources/uid/a%2Fb/resources/diagnostics']);
  expect(downloads.map(({ name }) => name)).toEqual(['micromegas-diagnostics-a_b-2026-05-04T10-20-30Z.json']);
  expect(await downloads[0].content).toBe(`${JSON.stringify(FILE, null, 2)}\n`);
  expect(outcome()).toHaveAttribute('data-status', 'done');
  expect(outcome()).toHaveTextContent('Downloaded micromegas-diagnostics-a_b-2026-05-04T10-20-30Z.json.');
});

it('disables the button while the backend works', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  respondWith(() => promise);
  openSettings({ jsonData: { host: 'mm:1' } });
  await userEvent.click(button());
  expect(outcome()).toHaveAttribute('data-status', 'working');
  expect(button()).toBeDisabled();
  resolve(FILE);
  await screen.findByText(/^Downloaded/);
  expect(button()).toBeEnabled();
});

it.each([
  {
    name: 'the error of the backend',
    respond: () => Promise.reject({ status: 403, data: { message: "Only the organization's <Admin> & others." } }),
    message: /Only the organization's <Admin> & others/,
  },
  { name: 'an error for a response that is not a file', respond: async () => ({}), message: /could not be read/ },
])('shows $name, and downloads nothing', async ({ respond, message }) => {
  respondWith(respond);
  openSettings({ jsonData: { host: 'mm:1' } });
  await userEvent.click(button());
  expect(outcome()).toHaveAttribute('data-status', 'failed');
  expect(outcome()).toHaveTextContent(message);
  expect(downloads).toEqual([]);
});

it('offers no download before the settings are saved', async () => {
  respondWith(async () => ({}));
  const page = openSettings({});
  await userEvent.type(screen.getByLabelText(/^Host/), 'mm:1');
  expect(button()).toBeDisabled();
  expect(screen.getByText(/^Enter a host and save the settings first/)).toBeInTheDocument();
  page.save();
  // Waits for the end of the check that follows the save.
  await screen.findByText('The check could not be run');
  expect(button()).toBeEnabled();
});

it('if there are unsaved changes, tells that the file describes the saved settings', async () => {
  openSettings({ jsonData: { host: 'mm:1' } });
  await userEvent.type(screen.getByLabelText(/^Host/), '2');
  expect(screen.getByText('There are unsaved changes. The file describes the saved settings.')).toBeInTheDocument();
});

it('offers the download for a provisioned data source', () => {
  openSettings({ readOnly: true, jsonData: { host: 'mm:1' } });
  expect(button()).toBeEnabled();
});

it('tells users who are not admins why they cannot download the file', () => {
  config.bootData.user.orgRole = OrgRole.Editor;
  openSettings({ jsonData: { host: 'mm:1' } });
  expect(button()).toBeDisabled();
  expect(screen.getByText('Only users with the role Admin can download it.')).toBeInTheDocument();
});

it('uses a file name that all systems allow', () => {
  expect(fileNameOf('../ü:*"x', '2026-05-04T10:20:30.456Z')).toBe(
    'micromegas-diagnostics-_______x-2026-05-04T10-20-30Z.json'
  );
  expect(fileNameOf('u'.repeat(200), 'x'.repeat(5)).length).toBeLessThan(100);
});
