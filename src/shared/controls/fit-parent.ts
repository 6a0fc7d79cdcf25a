import { css } from '@emotion/css';

/** For Grafana's `Input` with a `width`: the input becomes narrower where its parent is narrower. */
export const fitsParent = css({ maxWidth: '100%' });

/** For a parent of Grafana's `Combobox` or `MultiCombobox` with a `width`: the control is not wider than the parent. */
export const limitsChildren = css({ minWidth: 0, '& > *': { maxWidth: '100%' } });

/**
 * Style of a field in a row that wraps: as wide as the row permits, from `basis` to `max` pixels. The row wraps only
 * where the `basis` of its fields does not fit.
 */
export const growing = (basis: number, max: number) => css({ flex: `1 1 ${basis}px`, minWidth: 0, maxWidth: max });

/** For Grafana's `RadioButtonGroup`: its buttons wrap where the parent is narrower. */
export const wrapsButtons = css({ flexWrap: 'wrap', maxWidth: '100%' });
