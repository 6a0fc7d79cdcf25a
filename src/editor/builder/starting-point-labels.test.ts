import {
  ALERT_POINTS,
  ANNOTATION_PRESETS,
  REQUEST_POINTS,
  STARTING_POINTS,
  VARIABLE_PRESETS,
} from '../../../contract/builder/starting-points';
import { pointLabels } from './starting-point-labels';

it('has a label for each starting point and preset, and no other labels', () => {
  const points = [...STARTING_POINTS, ...REQUEST_POINTS, ...ALERT_POINTS, ...ANNOTATION_PRESETS, ...VARIABLE_PRESETS];
  const ids = new Set(points.map(({ id }) => id));
  expect(Object.keys(pointLabels()).sort()).toEqual(Array.from(ids).sort());
});
