/** A settings page for tests: holds the options as Grafana does, and shows what the editor made of them. */
import { render } from '@testing-library/react';
import React, { useState } from 'react';
import { ConfigEditor } from '../config/ConfigEditor';
import { type SettingsProps } from '../types';

type Options = SettingsProps['options'];

const SAVED: Options = {
  id: 1,
  uid: 'mm',
  orgId: 1,
  name: 'Micromegas',
  typeLogoUrl: '',
  type: 'micromegas-micromegas-datasource',
  typeName: 'Micromegas',
  access: 'proxy',
  url: '',
  user: '',
  database: '',
  basicAuth: false,
  basicAuthUser: '',
  isDefault: false,
  jsonData: {},
  secureJsonFields: {},
  readOnly: false,
  withCredentials: false,
};

/** @returns A function that gives the options as they are now. */
export function openSettings(saved: Partial<Options>): () => Options {
  let current: Options = { ...SAVED, ...saved };
  function Page() {
    const [options, setOptions] = useState(current);
    return (
      <ConfigEditor
        options={options}
        onOptionsChange={(changed) => {
          current = changed;
          setOptions(changed);
        }}
      />
    );
  }
  render(<Page />);
  return () => current;
}
