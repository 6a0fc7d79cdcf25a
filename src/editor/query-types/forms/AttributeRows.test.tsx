import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { type AttributeCondition, MAX_CONDITIONS } from '../../../../contract/query-types/traces';
import { AttributeRows } from './AttributeRows';

it('adds no row beyond the number of conditions that a query can have', () => {
  const attributes = Array.from({ length: MAX_CONDITIONS }, (_, index): AttributeCondition => ({
    key: `k${index}`,
    operator: 'exists',
  }));
  const suggestions = { keys: async () => [], values: async () => [] };
  render(<AttributeRows attributes={attributes} suggestions={suggestions} onChange={() => undefined} />);
  fireEvent.click(screen.getByText('Add attribute'));
  expect(screen.getByText(`Key of attribute ${MAX_CONDITIONS}`)).toBeInTheDocument();
  expect(screen.queryByText(`Key of attribute ${MAX_CONDITIONS + 1}`)).not.toBeInTheDocument();
});
