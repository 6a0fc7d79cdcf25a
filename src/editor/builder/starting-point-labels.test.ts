import {
  ANNOTATION_PRESETS,
  REQUEST_POINTS,
  STARTING_POINTS,
  VARIABLE_PRESETS,
} from '../../../contract/builder/starting-points';
import { pointLabels } from './starting-point-labels';

it('has a label for each starting point and preset, and no other labels', () => {
  const ids = [...STARTING_POINTS, ...REQUEST_POINTS, ...ANNOTATION_PRESETS, ...VARIABLE_PRESETS].map(({ id }) => id);
  expect(Object.keys(pointLabels()).sort()).toEqual(ids.sort());
});
