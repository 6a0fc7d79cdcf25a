/** A list of header names and values. */
import { Button, Field, IconButton, Input, Stack } from '@grafana/ui';
import React from 'react';
import { metadataKeyProblem, metadataValueProblem } from '../../contract/settings-problems';

type Pair = [key: string, value: string];

interface Props {
  pairs: Pair[];
  disabled?: boolean;
  onChange: (pairs: Pair[]) => void;
}

export function MetadataList({ pairs, disabled, onChange }: Props) {
  const replace = (index: number, ...pair: Pair[]) => onChange(pairs.toSpliced(index, 1, ...pair));
  return (
    <Stack direction="column" gap={1} alignItems="flex-start">
      {pairs.map((pair, index) => (
        <MetadataRow
          // Rows have no identity but their place: a key made of the text would lose the focus while one types.
          key={index}
          number={index + 1}
          pair={pair}
          disabled={disabled}
          onChange={(changed) => replace(index, changed)}
          onRemove={() => replace(index)}
        />
      ))}
      <Button
        variant="secondary"
        icon="plus"
        type="button"
        disabled={disabled}
        onClick={() => onChange([...pairs, ['', '']])}
      >
        Add metadata
      </Button>
    </Stack>
  );
}

interface RowProps {
  number: number;
  pair: Pair;
  disabled?: boolean;
  onChange: (pair: Pair) => void;
  onRemove: () => void;
}

function MetadataRow({ number, pair: [key, value], disabled, onChange, onRemove }: RowProps) {
  const keyProblem = metadataKeyProblem(key);
  const valueProblem = metadataValueProblem(value);
  return (
    <Stack gap={1} alignItems="flex-start" wrap="wrap">
      <Field noMargin invalid={keyProblem !== undefined} error={keyProblem} disabled={disabled}>
        <Input
          id={`micromegas-metadata-key-${number}`}
          aria-label={`Metadata ${number} key`}
          width={24}
          placeholder="name"
          value={key}
          onChange={({ currentTarget }) => onChange([currentTarget.value, value])}
        />
      </Field>
      <Field noMargin invalid={valueProblem !== undefined} error={valueProblem} disabled={disabled}>
        <Input
          id={`micromegas-metadata-value-${number}`}
          aria-label={`Metadata ${number} value`}
          width={36}
          placeholder="value"
          value={value}
          onChange={({ currentTarget }) => onChange([key, currentTarget.value])}
        />
      </Field>
      <IconButton
        name="trash-alt"
        size="lg"
        aria-label={`Remove metadata ${number}`}
        disabled={disabled}
        onClick={onRemove}
      />
    </Stack>
  );
}
