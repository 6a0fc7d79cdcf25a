/** Further parameters of the token request, such as `resource` or `organization`. */
import { Button, Stack } from '@grafana/ui';
import React from 'react';
import { parameterNameProblem } from '../../../contract/settings-problems';
import { type SettingsProps } from '../../types';
import { NameValueRow } from '../fields/NameValueRow';
import { Subsection } from '../fields/Subsection';
import {
  numberedEntries,
  TOKEN_PARAMETERS,
  withEntryName,
  withEntrySecrecy,
  withEntryValue,
  withNewEntry,
  withoutEntry,
} from '../fields/numbered-entries';

export function TokenParameters({ options, onOptionsChange }: SettingsProps) {
  const entries = numberedEntries(options, TOKEN_PARAMETERS);
  return (
    <Subsection
      title="Additional token parameters"
      description="Sent with the token request beside the fields above. Secret values are stored encrypted."
    >
      <Stack direction="column" gap={1} alignItems="flex-start">
        {entries.map((entry, index) => (
          <NameValueRow
            {...entry}
            key={entry.number}
            id="micromegas-oauth-parameter"
            what={`Token parameter ${index + 1}`}
            nameLabel="name"
            number={index + 1}
            nameProblem={parameterNameProblem(entry.name)}
            disabled={options.readOnly}
            onName={(typed) => onOptionsChange(withEntryName(options, TOKEN_PARAMETERS, entry, typed))}
            onValue={(typed) => onOptionsChange(withEntryValue(options, TOKEN_PARAMETERS, entry, typed))}
            onSecret={(isSecret) => onOptionsChange(withEntrySecrecy(options, TOKEN_PARAMETERS, entry, isSecret))}
            onRemove={() => onOptionsChange(withoutEntry(options, TOKEN_PARAMETERS, entry))}
          />
        ))}
        <Button
          variant="secondary"
          icon="plus"
          type="button"
          disabled={options.readOnly}
          onClick={() => onOptionsChange(withNewEntry(options, TOKEN_PARAMETERS))}
        >
          Add parameter
        </Button>
      </Stack>
    </Subsection>
  );
}
