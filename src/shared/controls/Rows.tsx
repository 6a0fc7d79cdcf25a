/** The rows of an editor, one below the other. */
import { Stack } from '@grafana/ui';
import React from 'react';

/**
 * `EditorRows` of `@grafana/plugin-ui` is a flex column that wraps. A browser measures such a column before its width
 * is known, and leaves empty space below text that needs fewer lines in the final width. This column does not wrap.
 */
export function Rows({ children }: React.PropsWithChildren) {
  return (
    <Stack direction="column" gap={0.5}>
      {children}
    </Stack>
  );
}
